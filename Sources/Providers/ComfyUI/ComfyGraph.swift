import Images

/// A graph in ComfyUI's API format: nodes by number, inputs that are values or links.
struct ComfyGraph: Hashable, Sendable {
    /// Where a value comes from.
    struct Link: Hashable, Sendable {
        let node: Int
        let output: Int

        /// As the format writes it.
        var value: JSONValue { .array([.string(String(node)), .number(output)]) }
    }

    /// A node that was added.
    struct Node: Hashable, Sendable {
        let id: Int

        /// One of its outputs.
        subscript(output: Int) -> Link { Link(node: id, output: output) }
    }

    /// What an input holds.
    enum Input: Hashable, Sendable {
        case link(Link)
        case text(String)
        case integer(Int)
        case unsigned(UInt64)
        case number(Double)

        var value: JSONValue {
            switch self {
            case .link(let link): link.value
            case .text(let text): .string(text)
            case .integer(let number): .number(number)
            case .unsigned(let number): .number(String(number))
            case .number(let number): .number(number)
            }
        }
    }

    private var nodes: [(type: String, inputs: [String: Input])] = []

    /// Adds a node; its number is its place, from 1.
    mutating func add(_ type: String, _ inputs: [String: Input]) -> Node {
        nodes.append((type, inputs))
        return Node(id: nodes.count)
    }

    /// Every type of node in it.
    var types: Set<String> { Set(nodes.map(\.type)) }

    /// The document.
    var value: JSONValue {
        var members: [String: JSONValue] = [:]
        for (index, node) in nodes.enumerated() {
            members[String(index + 1)] = .object([
                "class_type": .string(node.type),
                "inputs": .object(node.inputs.mapValues(\.value)),
            ])
        }
        return .object(members)
    }

    static func == (left: ComfyGraph, right: ComfyGraph) -> Bool { left.value == right.value }
    func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
