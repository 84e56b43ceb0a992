import Generation

/// A backend that can be chosen, with what it told about itself.
public struct Backend: Hashable, Sendable {
    /// What is known about the backend with one of its models.
    public enum Knowledge: Hashable, Sendable {
        case unknown
        case known(GeneratorCapabilities, RequestDefaults)
        /// A sentence for people.
        case failed(String)
    }

    public let id: String
    public var knowledge: Knowledge
    /// Names of models that can be chosen besides the backend's own default.
    public var models: [String]
    /// The words that the chosen model knows, where it knows few; nil: any text means something.
    public var vocabulary: Set<String>?

    /// Jobs that it runs side by side.
    public var parallelJobs = 1

    public init(id: String, knowledge: Knowledge = .unknown, models: [String] = []) {
        self.id = id
        self.knowledge = knowledge
        self.models = models
    }

    public var capabilities: GeneratorCapabilities? {
        if case .known(let capabilities, _) = knowledge { capabilities } else { nil }
    }

    public var defaults: RequestDefaults? {
        if case .known(_, let defaults) = knowledge { defaults } else { nil }
    }
}
