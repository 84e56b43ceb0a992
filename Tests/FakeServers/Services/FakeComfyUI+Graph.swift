extension FakeComfyUI {
    /// What is wrong with a graph, per node, in ComfyUI's own words; also unknown inputs, which the
    /// real one ignores.
    static func problems(of graph: WireJSON, uploads: Set<String>) -> [String: [GraphProblem]] {
        var problems: [String: [GraphProblem]] = [:]
        for member in graph.members ?? [] {
            guard let type = member.value["class_type"]?.text,
                let node = FakeComfyNode.all[type]
            else {
                problems[member.key] = [GraphProblem("missing_node_type", "unknown node")]
                continue
            }
            let inputs = member.value["inputs"]
            for (name, input) in node.inputs {
                guard let value = inputs?[name] else {
                    problems[member.key, default: []].append(
                        GraphProblem("required_input_missing", name))
                    continue
                }
                if let problem = Self.problem(input, value, graph, uploads) {
                    problems[member.key, default: []].append(
                        GraphProblem(problem, "\(name): \(value.serialised)"))
                }
            }
            for name in inputs?.keys ?? [] where node.inputs[name] == nil {
                problems[member.key, default: []].append(GraphProblem("unknown_input", name))
            }
        }
        return problems
    }

    /// One problem of a node.
    struct GraphProblem: Sendable {
        let type: String
        let details: String

        init(_ type: String, _ details: String) {
            self.type = type
            self.details = details
        }
    }

    private static func problem(
        _ input: FakeComfyNode.Input, _ value: WireJSON, _ graph: WireJSON, _ uploads: Set<String>
    ) -> String? {
        switch input {
        case .link(let type):
            guard let from = value[0]?.text, let output = value[1]?.integer,
                value.elements?.count == 2, let source = graph[from]?["class_type"]?.text,
                let outputs = FakeComfyNode.all[source]?.outputs, outputs.indices.contains(output)
            else { return "bad_linked_input" }
            return outputs[output] == type ? nil : "return_type_mismatch"
        case .text: return value.text == nil ? "invalid_input_type" : nil
        case .integer(let range):
            guard let number = value.integer else { return "invalid_input_type" }
            if number < range.lowerBound { return "value_smaller_than_min" }
            return number > range.upperBound ? "value_bigger_than_max" : nil
        case .seed: return value.unsigned == nil ? "invalid_input_type" : nil
        case .number(let range):
            guard let number = value.double else { return "invalid_input_type" }
            if number < range.lowerBound { return "value_smaller_than_min" }
            return number > range.upperBound ? "value_bigger_than_max" : nil
        case .choice(let names): return names.contains(value.text ?? "") ? nil : "value_not_in_list"
        case .upload: return uploads.contains(value.text ?? "") ? nil : "custom_validation_failed"
        }
    }
}
