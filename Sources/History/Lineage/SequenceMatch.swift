/// Common parts of two sequences in order: a longest common subsequence where that is affordable,
/// otherwise one through the elements that occur once in each ("patience").
enum SequenceMatch {
    struct Match: Equatable {
        var old: Int
        var new: Int
        var count: Int
    }

    /// Largest table for the exact method; 1,000 words against 1,000.
    private static let maximumCells = 1_000_000

    /// Matching stretches, ascending in both sequences.
    static func matches<Element: Hashable>(_ old: [Element], _ new: [Element]) -> [Match] {
        var finder = Finder(old: old, new: new)
        finder.find(old.indices, new.indices, depth: 0)
        return finder.matches
    }

    private struct Finder<Element: Hashable> {
        let old: [Element]
        let new: [Element]
        var matches: [Match] = []

        mutating func find(_ oldRange: Range<Int>, _ newRange: Range<Int>, depth: Int) {
            var (oldRange, newRange) = (oldRange, newRange)
            while let first = oldRange.first, let other = newRange.first, old[first] == new[other] {
                add(first, other)
                oldRange = first + 1..<oldRange.upperBound
                newRange = other + 1..<newRange.upperBound
            }
            var tail = 0
            while oldRange.count > tail, newRange.count > tail,
                old[oldRange.upperBound - tail - 1] == new[newRange.upperBound - tail - 1]
            {
                tail += 1
            }
            let oldMiddle = oldRange.lowerBound..<oldRange.upperBound - tail
            let newMiddle = newRange.lowerBound..<newRange.upperBound - tail
            if !oldMiddle.isEmpty, !newMiddle.isEmpty {
                if oldMiddle.count * newMiddle.count <= SequenceMatch.maximumCells {
                    findExactly(oldMiddle, newMiddle)
                } else if depth < 50 {
                    findByAnchors(oldMiddle, newMiddle, depth: depth)
                }
            }
            for offset in 0..<tail {
                add(oldMiddle.upperBound + offset, newMiddle.upperBound + offset)
            }
        }

        private mutating func add(_ oldIndex: Int, _ newIndex: Int) {
            if let last = matches.last, last.old + last.count == oldIndex,
                last.new + last.count == newIndex
            {
                matches[matches.count - 1].count += 1
            } else {
                matches.append(Match(old: oldIndex, new: newIndex, count: 1))
            }
        }

        /// Dynamic programming over lengths of common subsequences of the tails.
        private mutating func findExactly(_ oldRange: Range<Int>, _ newRange: Range<Int>) {
            let width = newRange.count + 1
            var lengths = [Int32](repeating: 0, count: (oldRange.count + 1) * width)
            for i in stride(from: oldRange.count - 1, through: 0, by: -1) {
                for j in stride(from: newRange.count - 1, through: 0, by: -1) {
                    let isEqual = old[oldRange.lowerBound + i] == new[newRange.lowerBound + j]
                    lengths[i * width + j] =
                        isEqual
                        ? lengths[(i + 1) * width + j + 1] + 1
                        : max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
                }
            }
            var (i, j) = (0, 0)
            while i < oldRange.count, j < newRange.count {
                let (oldIndex, newIndex) = (oldRange.lowerBound + i, newRange.lowerBound + j)
                if old[oldIndex] == new[newIndex] {
                    add(oldIndex, newIndex)
                    (i, j) = (i + 1, j + 1)
                } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
                    i += 1
                } else {
                    j += 1
                }
            }
        }

        /// Splits at elements that occur exactly once on each side and keep their order.
        private mutating func findByAnchors(
            _ oldRange: Range<Int>, _ newRange: Range<Int>, depth: Int
        ) {
            let anchors = Self.increasing(uniquePairs(oldRange, newRange))
            var (oldStart, newStart) = (oldRange.lowerBound, newRange.lowerBound)
            for anchor in anchors {
                find(oldStart..<anchor.old, newStart..<anchor.new, depth: depth + 1)
                add(anchor.old, anchor.new)
                (oldStart, newStart) = (anchor.old + 1, anchor.new + 1)
            }
            guard !anchors.isEmpty else { return }
            find(oldStart..<oldRange.upperBound, newStart..<newRange.upperBound, depth: depth + 1)
        }

        private func uniquePairs(
            _ oldRange: Range<Int>, _ newRange: Range<Int>
        ) -> [(old: Int, new: Int)] {
            func unique(_ elements: ArraySlice<Element>) -> [Element: Int] {
                var places: [Element: Int] = [:]
                for index in elements.indices {
                    places[elements[index]] = places[elements[index]] == nil ? index : -1
                }
                return places.filter { $0.value >= 0 }
            }
            let places = unique(new[newRange])
            return unique(old[oldRange]).compactMap { element, index in
                places[element].map { (index, $0) }
            }.sorted { $0.old < $1.old }
        }

        /// The longest run of pairs that ascends on both sides (patience sorting).
        private static func increasing(
            _ pairs: [(old: Int, new: Int)]
        ) -> [(old: Int, new: Int)] {
            var tops: [Int] = []
            var previous = [Int](repeating: -1, count: pairs.count)
            for index in pairs.indices {
                var (low, high) = (0, tops.count)
                while low < high {
                    let middle = (low + high) / 2
                    if pairs[tops[middle]].new < pairs[index].new {
                        low = middle + 1
                    } else {
                        high = middle
                    }
                }
                if low > 0 { previous[index] = tops[low - 1] }
                if low == tops.count { tops.append(index) } else { tops[low] = index }
            }
            var result: [(old: Int, new: Int)] = []
            var current = tops.last ?? -1
            while current >= 0 {
                result.append(pairs[current])
                current = previous[current]
            }
            return result.reversed()
        }
    }
}
