extension JSONValue {
    /// The document as JSON on one line, keys sorted; numbers keep their literal.
    public var json: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let literal): literal
        case .string(let text): A1111Parameters.json(text)
        case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }
                .map { A1111Parameters.json($0.key) + ":" + $0.value.json }
                .joined(separator: ",") + "}"
        }
    }
}
