/// Byte-level byte pair encoding with an end-of-word mark, as CLIP uses it (the `BPE` model of
/// Hugging Face tokenizers with `end_of_word_suffix = "</w>"`).
///
/// A word is a run of UTF-8 bytes. Each byte starts as one symbol, the last one as its `</w>`
/// variant; then the pair with the lowest rank, leftmost first, is merged until none is left.
struct BytePairEncoder: Sendable {
    /// One rule: two neighbouring symbols become a third. Its rank is its place in the list.
    struct Merge: Hashable, Sendable {
        var left: Int32
        var right: Int32
        var merged: Int32
    }

    /// Token of each byte inside a word, 256 entries.
    private let byteTokens: [Int32]
    /// Token of each byte at the end of a word, 256 entries.
    private let finalByteTokens: [Int32]
    /// Open addressing: `keys` hold `left << 32 | right`, `values` hold `rank << 32 | merged`.
    private var keys: [UInt64]
    private var values: [UInt64]
    private let mask: Int

    /// No pair has this key, because tokens are not negative.
    private static let empty = UInt64.max

    /// - Parameters:
    ///   - byteTokens: token of each byte inside a word, 256 entries.
    ///   - finalByteTokens: token of each byte that ends a word, 256 entries.
    ///   - merges: rules in order of rank; of two rules for one pair the later counts.
    init(byteTokens: [Int32], finalByteTokens: [Int32], merges: [Merge]) {
        self.byteTokens = byteTokens
        self.finalByteTokens = finalByteTokens
        var capacity = 16
        while capacity < merges.count * 2 { capacity *= 2 }
        mask = capacity - 1
        keys = [UInt64](repeating: Self.empty, count: capacity)
        values = [UInt64](repeating: 0, count: capacity)
        for (rank, merge) in merges.enumerated() {
            let key = Self.key(merge.left, merge.right)
            let slot = slot(of: key)
            keys[slot] = key
            values[slot] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merge.merged))
        }
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Where `key` is, or the free place where it belongs.
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while keys[slot] != key, keys[slot] != Self.empty {
            slot = (slot + 1) & mask
        }
        return slot
    }

    /// `rank << 32 | merged` of a pair, or nil when no rule merges it.
    private func rule(_ left: Int32, _ right: Int32) -> UInt64? {
        let key = Self.key(left, right)
        let slot = slot(of: key)
        return keys[slot] == key ? values[slot] : nil
    }

    /// Encodes one word.
    ///
    /// Appends to `workspace.tokens` the tokens and to `workspace.starts` the index of each token's
    /// first byte. Takes O(n log n) for n bytes, so that a word of a megabyte is no trap.
    func encode(_ word: ArraySlice<UInt8>, into workspace: inout Workspace) {
        let count = word.count
        guard count > 0 else { return }
        workspace.begin(count)
        for (index, byte) in word.enumerated() {
            let isLast = index == count - 1
            workspace.symbols[index] = isLast ? finalByteTokens[Int(byte)] : byteTokens[Int(byte)]
        }
        for index in 0..<(count - 1) {
            offer(index, &workspace)
        }
        while let candidate = workspace.popCandidate() {
            let index = Int(candidate & 0xFFFF_FFFF)
            let right = workspace.next[index]
            // The candidate is stale when either side has been merged into something else since.
            guard workspace.symbols[index] >= 0, right < count,
                let rule = rule(workspace.symbols[index], workspace.symbols[right]),
                rule >> 32 == candidate >> 32
            else { continue }
            workspace.join(index, right, as: Int32(truncatingIfNeeded: rule))
            offer(index, &workspace)
            if workspace.previous[index] >= 0 { offer(workspace.previous[index], &workspace) }
        }
        workspace.finish()
    }

    /// Enters the pair that starts at `index` into the queue, if a rule merges it.
    private func offer(_ index: Int, _ workspace: inout Workspace) {
        let right = workspace.next[index]
        guard right < workspace.count,
            let rule = rule(workspace.symbols[index], workspace.symbols[right])
        else { return }
        workspace.pushCandidate(rule & ~0xFFFF_FFFF | UInt64(index))
    }
}

extension BytePairEncoder {
    /// Memory that is used again for every word of a text, and what the words became.
    struct Workspace {
        /// Tokens of all words encoded so far.
        var tokens: [Int32] = []
        /// For each token the index of its first byte within its word.
        var starts: [Int32] = []

        // The symbols of the current word, a doubly linked list over byte positions.
        fileprivate var count = 0
        /// Token at a position, -1 where it was merged into its left neighbour.
        fileprivate var symbols: [Int32] = []
        fileprivate var next: [Int] = []
        fileprivate var previous: [Int] = []
        /// A binary heap of `rank << 32 | position`, lowest first.
        private var heap: [UInt64] = []

        fileprivate mutating func begin(_ count: Int) {
            self.count = count
            heap.removeAll(keepingCapacity: true)
            while symbols.count < count {
                symbols.append(0)
                next.append(0)
                previous.append(0)
            }
            for index in 0..<count {
                next[index] = index + 1
                previous[index] = index - 1
            }
        }

        fileprivate mutating func join(_ index: Int, _ right: Int, as merged: Int32) {
            symbols[index] = merged
            symbols[right] = -1
            next[index] = next[right]
            if next[right] < count { previous[next[right]] = index }
        }

        fileprivate mutating func finish() {
            var index = 0
            while index < count {
                tokens.append(symbols[index])
                starts.append(Int32(index))
                index = next[index]
            }
        }

        fileprivate mutating func pushCandidate(_ candidate: UInt64) {
            heap.append(candidate)
            var child = heap.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard heap[child] < heap[parent] else { return }
                heap.swapAt(child, parent)
                child = parent
            }
        }

        fileprivate mutating func popCandidate() -> UInt64? {
            guard let first = heap.first, let last = heap.popLast() else { return nil }
            guard !heap.isEmpty else { return first }
            heap[0] = last
            var parent = 0
            while true {
                var child = 2 * parent + 1
                guard child < heap.count else { return first }
                if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
                guard heap[child] < heap[parent] else { return first }
                heap.swapAt(child, parent)
                parent = child
            }
        }
    }
}
