import Generation

/// Which job was tweaked from which: history as a tree.
public struct Lineage: Sendable {
    private let parents: [ULID: ULID]
    private let childrenOf: [ULID: [ULID]]
    /// Jobs without a parent that is known, oldest first.
    public let roots: [ULID]

    /// Builds the tree from pairs of a job and the job it came from. Circles, which only a damaged or
    /// hostile file can hold, are cut at their oldest job.
    public init(_ jobs: some Sequence<(ULID, ULID?)>) {
        var known: [ULID: ULID?] = [:]
        for (job, parent) in jobs { known[job] = parent }
        var parents: [ULID: ULID] = [:]
        for (job, parent) in known {
            // A child is younger than its parent; identifiers sort by time, so circles cannot form.
            if let parent, known[parent] != nil, parent < job { parents[job] = parent }
        }
        self.parents = parents
        childrenOf = Dictionary(grouping: parents.keys) { parents[$0] ?? $0 }.mapValues {
            $0.sorted()
        }
        roots = known.keys.filter { parents[$0] == nil }.sorted()
    }

    /// The job it was tweaked from.
    public func parent(of job: ULID) -> ULID? { parents[job] }

    /// The jobs tweaked from it, oldest first.
    public func children(of job: ULID) -> [ULID] { childrenOf[job] ?? [] }

    /// The job it was tweaked from, that job's parent, and so on up to the root.
    public func ancestors(of job: ULID) -> [ULID] {
        var ancestors: [ULID] = []
        var current = job
        while let parent = parents[current] {
            ancestors.append(parent)
            current = parent
        }
        return ancestors
    }

    /// A job and everything that was tweaked from it, in the order of a tree drawn from the top,
    /// with the depth of each below `job`.
    public func subtree(of job: ULID) -> [(job: ULID, depth: Int)] {
        var result: [(job: ULID, depth: Int)] = []
        var pending: [(job: ULID, depth: Int)] = [(job, 0)]
        while let next = pending.popLast() {
            result.append(next)
            for child in children(of: next.job).reversed() {
                pending.append((child, next.depth + 1))
            }
        }
        return result
    }
}
