import Generation
import Images

extension GenerationRequest {
    /// The value of an extra as JSON: what is no JSON, or a text by its kind, is a string.
    func extra(_ field: ExtraField) -> JSONValue? {
        guard let text = extras[field.name] else { return nil }
        switch field.kind {
        case .text, .choices, .picture: return .string(text)
        case .integer, .number, .truth, .json: return JSONValue(parsing: text) ?? .string(text)
        }
    }

    /// Extras that are promised as JSON and are none.
    func jsonProblems(of fields: [ExtraField]) -> [RequestProblem] {
        fields.compactMap { field in
            guard case .json = field.kind, let text = extras[field.name],
                JSONValue(parsing: text) == nil
            else { return nil }
            return RequestProblem(
                field: .extras, value: "\(field.name)=\(text)", reason: "JSON is needed")
        }
    }
}

extension JSONBody {
    /// Sets every extra of `fields` that the request has, under its own name.
    mutating func set(extras fields: [ExtraField], of request: GenerationRequest) {
        for field in fields { set(json: field.name, request.extra(field)) }
    }
}
