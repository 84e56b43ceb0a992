/// A ComfyUI graph in API form: node id to class and inputs, where an input is a value or a link.
struct ComfyUIGraph {
    struct Node {
        let id: String
        let kind: String
        let inputs: [String: JSONValue]

        /// The value of an input that is not a link.
        subscript(name: String) -> JSONValue? { inputs[name] }
    }

    /// Longest chain of links that is followed; graphs of people stay below 50.
    static let maximumDepth = 200

    let nodes: [String: Node]

    /// - Returns: nil when the JSON is not a graph of nodes.
    init?(_ json: JSONValue) {
        guard let members = json.members else { return nil }
        var nodes: [String: Node] = [:]
        for (id, value) in members {
            guard let kind = value["class_type"]?.text else { continue }
            nodes[id] = Node(id: id, kind: kind, inputs: value["inputs"]?.members ?? [:])
        }
        guard !nodes.isEmpty else { return nil }
        self.nodes = nodes
    }

    /// All nodes, by number: the same graph is always read alike.
    var sortedNodes: [Node] {
        nodes.values.sorted { left, right in
            (Int(left.id) ?? .max, left.id) < (Int(right.id) ?? .max, right.id)
        }
    }

    /// The node that an input is linked to.
    func source(_ node: Node?, _ input: String) -> Node? {
        guard let link = node?.inputs[input], let id = link[0] else { return nil }
        if let text = id.text { return nodes[text] }
        return id.integer.flatMap { nodes[String($0)] }
    }

    /// Follows `inputs` (the first that is linked) from node to node until `isGoal` holds.
    func first(
        from start: Node?, through inputs: [String], where isGoal: (Node) -> Bool
    ) -> Node? {
        var node = start
        for _ in 0..<Self.maximumDepth {
            guard let current = node else { return nil }
            if isGoal(current) { return current }
            node = inputs.lazy.compactMap { source(current, $0) }.first
        }
        return nil
    }

    /// Every node on the way that ``first(from:through:where:)`` takes.
    func path(from start: Node?, through inputs: [String]) -> [Node] {
        var path: [Node] = []
        var node = start
        while let current = node, path.count < Self.maximumDepth {
            path.append(current)
            node = inputs.lazy.compactMap { source(current, $0) }.first
        }
        return path
    }

    /// The text of an input: its value, or what the linked nodes hold as text.
    func text(_ node: Node, _ input: String, depth: Int = 0) -> String? {
        if let text = node[input]?.text { return text }
        guard depth < 20, let next = source(node, input) else { return nil }
        let names = [
            "populated_text", "text", "string", "value", "prompt", "wildcard_text", "Text",
            "text_a", "string_a", "string1", "text1", "STRING",
        ]
        let parts = names.compactMap { text(next, $0, depth: depth + 1) }
        return parts.first
    }

    /// The number of an input: its value, or what the linked node holds.
    func number(_ node: Node?, _ input: String, depth: Int = 0) -> JSONValue? {
        guard let node, let value = node[input] else { return nil }
        guard value.elements != nil else { return value }
        guard depth < 20, let next = source(node, input) else { return nil }
        for name in ["value", "seed", "noise_seed", "int", "float", "number", "Number"] {
            if let found = number(next, name, depth: depth + 1) { return found }
        }
        return nil
    }
}
