/// A prompt cut at its brackets. Nodes lie in one array and refer to each other by index, and every
/// walk keeps its own stack, so that nesting depth is no danger.
struct ScheduleTree {
    /// What a bracket holds.
    enum Kind: Hashable {
        /// `( ... )`, `[ ... ]` without schedule, or a stray: its parts with what stands around them.
        case plain
        /// `[from:to:when]`: the texts before and after.
        case scheduled(when: String)
        /// `[a|b|c]`.
        case alternating
    }

    /// A piece of a part.
    enum Piece: Hashable {
        case text(Range<Int>)
        case node(Int)
    }

    struct Node {
        var kind: Kind
        /// Parts: one for plain, two for scheduled, at least two for alternating.
        var parts: [[Piece]]
    }

    /// The steps that a schedule is resolved for.
    struct Pass {
        var steps: Int
        /// Steps of the pass before, if this is a second one.
        var earlierSteps: Int?

        /// The last step with the earlier text: `when` is a share of the steps if it has a point.
        func step(_ when: String) -> Int {
            let value = PythonText.number(when[...].unicodeScalars) ?? 0
            let step =
                when.contains(".")
                ? (value - (earlierSteps == nil ? 0 : 1)) * Double(steps)
                : value - Double(earlierSteps ?? 0)
            return Int(max(-1, min(Double(steps), step)))
        }
    }

    let bytes: [UInt8]
    private(set) var nodes: [Node]
    private let root: [Piece]

    /// - Returns: nil when the grammar does not cover the prompt.
    init?(_ prompt: String) {
        var parser = ScheduleParser(Array(prompt.utf8))
        guard let root = parser.parse() else { return nil }
        bytes = parser.bytes
        nodes = parser.nodes
        self.root = root
    }

    /// The steps after which the text may change, ascending, the last step among them.
    func changes(in pass: Pass) -> [Int] {
        var result: Set<Int> = [pass.steps]
        for node in nodes {
            switch node.kind {
            case .plain: break
            case .alternating: result.formUnion(1...pass.steps)
            case .scheduled(let when):
                let step = pass.step(when)
                if step >= 1 { result.insert(step) }
            }
        }
        return result.sorted()
    }

    /// The prompt's text at a step, counted from 1.
    func text(at step: Int, in pass: Pass) -> String {
        var result: [UInt8] = []
        var stack = Array(root.reversed())
        while let piece = stack.popLast() {
            switch piece {
            case .text(let range): result += bytes[range]
            case .node(let index): stack += part(of: nodes[index], step, pass).reversed()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func part(of node: Node, _ step: Int, _ pass: Pass) -> [Piece] {
        switch node.kind {
        case .plain: return node.parts[0]
        case .scheduled(let when): return node.parts[step <= pass.step(when) ? 0 : 1]
        case .alternating: return node.parts[(step - 1) % node.parts.count]
        }
    }
}
