/// Reads the fields of a request one by one and keeps every error instead of stopping at the first.
struct FieldReader {
    let fields: KeyedDecodingContainer<RequestField>
    private(set) var errors: [DecodingError] = []

    init(fields: KeyedDecodingContainer<RequestField>) { self.fields = fields }

    /// Replaces `value` when the key is present and not null.
    mutating func read<Value: Decodable>(_ key: RequestField, into value: inout Value) {
        keepingError(key) { fields in
            if let found = try fields.decodeIfPresent(Value.self, forKey: key) { value = found }
        }
    }

    /// Replaces an optional `value` when the key is present.
    mutating func read<Value: Decodable>(_ key: RequestField, into value: inout Value?) {
        keepingError(key) { fields in value = try fields.decodeIfPresent(Value.self, forKey: key) }
    }

    /// The one key that is required.
    mutating func readPrompt(into prompt: inout String) {
        keepingError(.prompt) { fields in prompt = try fields.decode(String.self, forKey: .prompt) }
    }

    /// Sampler and schedule in any tool's spelling. A schedule in the sampler's name
    /// ("DPM++ 2M Karras") holds where no other is given.
    mutating func readSolver(into sampler: inout Sampler?, _ schedule: inout Schedule) {
        keepingError(.sampler) { fields in
            guard let name = try fields.decodeIfPresent(String.self, forKey: .sampler) else {
                return
            }
            guard let found = SamplerNames.read(name) else {
                throw Self.noSuchName(name, .sampler, fields)
            }
            sampler = found.sampler
            schedule = found.schedule ?? schedule
        }
        keepingError(.schedule) { fields in
            guard let name = try fields.decodeIfPresent(String.self, forKey: .schedule) else {
                return
            }
            guard let found = SamplerNames.readSchedule(name) else {
                throw Self.noSuchName(name, .schedule, fields)
            }
            schedule = found
        }
    }

    private static func noSuchName(
        _ name: String, _ key: RequestField, _ fields: KeyedDecodingContainer<RequestField>
    ) -> DecodingError {
        .dataCorruptedError(forKey: key, in: fields, debugDescription: "nobody calls one \(name)")
    }

    private mutating func keepingError(
        _ key: RequestField, _ read: (KeyedDecodingContainer<RequestField>) throws -> Void
    ) {
        do {
            try read(fields)
        } catch DecodingError.dataCorrupted(let context) {
            // Foundation does not say where a number stood that does not fit its type.
            let isPlaced = context.codingPath.count > fields.codingPath.count
            keep(
                isPlaced ? context.codingPath : fields.codingPath + [key], context.debugDescription)
        } catch let error as DecodingError {
            errors.append(error)
        } catch {
            keep(fields.codingPath + [key], "\(error)")
        }
    }

    private mutating func keep(_ path: [any CodingKey], _ description: String) {
        errors.append(.dataCorrupted(.init(codingPath: path, debugDescription: description)))
    }
}
