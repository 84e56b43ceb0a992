/// What a backend (with one of its models) accepts and can do: drives validation before any work,
/// the dimming of parameters with a reason, and `latent backends list`.
public struct GeneratorCapabilities: Codable, Hashable, Sendable {
    /// Whether a finished picture can be made again from its request.
    public enum Repeatability: String, Codable, Sendable {
        /// The same bits for the same build and CPU features.
        case exact
        /// The service takes a seed; the same picture is likely, not promised.
        case seeded
        /// The service has no seed.
        case none
    }

    /// How a field is supported; a field that is absent here is not supported.
    public var fields: [RequestField: FieldSupport]
    /// Largest number of pictures in one request.
    public var maximumCount: Int
    /// Whether sampling steps are reported.
    public var reportsProgress: Bool
    /// Whether previews are reported.
    public var sendsPreviews: Bool
    /// Whether a running request can be stopped.
    public var canCancel: Bool
    /// Whether results can be repeated.
    public var repeatability: Repeatability
    /// The only sizes that are taken; empty: every size that the fields allow.
    public var sizes: [PictureSize] = []
    /// The most elements of a list, by field; absent: any number.
    public var maximumItems: [RequestField: Int] = [:]
    /// Fields that only this backend has.
    public var extras: [ExtraField] = []
    /// Fields that change what a picture costs.
    public var pricedFields: [RequestField] = []
    /// Whether the result of an accepted job can be fetched later, by another process.
    public var canResume = false
    /// Whether the service calls back when it is done.
    public var takesWebhook = false
    /// Whether the service says what is left to spend.
    public var reportsCredits = false

    /// Describes a backend; every field that is not named is unsupported.
    public init(
        fields: [RequestField: FieldSupport], maximumCount: Int, reportsProgress: Bool = false,
        sendsPreviews: Bool = false, canCancel: Bool = false,
        repeatability: Repeatability = .none
    ) {
        self.fields = fields
        self.maximumCount = maximumCount
        self.reportsProgress = reportsProgress
        self.sendsPreviews = sendsPreviews
        self.canCancel = canCancel
        self.repeatability = repeatability
    }

    /// Support of `field`, with the general reason where nothing is said about it.
    public func support(for field: RequestField) -> FieldSupport {
        fields[field] ?? .unsupported(reason: "not supported by this backend")
    }
}

/// How one field of a request is supported.
public enum FieldSupport: Codable, Hashable, Sendable {
    /// Any value that the request's own rules allow.
    case any
    /// Whole numbers in a range, multiples of `step`.
    case integers(minimum: Int, maximum: Int, step: Int)
    /// Numbers in a range.
    case numbers(minimum: Double, maximum: Double)
    /// One of these raw values.
    case choices([String])
    /// Not at all, with the reason that a person reads.
    case unsupported(reason: String)

    /// Whether some value is accepted.
    public var isSupported: Bool {
        if case .unsupported = self { false } else { true }
    }

    /// The accepted values in words, for messages and help.
    public var accepted: String {
        switch self {
        case .any: "any value"
        case .integers(let minimum, let maximum, 1): "a whole number from \(minimum) to \(maximum)"
        case .integers(let minimum, let maximum, let step):
            "a multiple of \(step) from \(minimum) to \(maximum)"
        case .numbers(let minimum, let maximum): "a number from \(minimum) to \(maximum)"
        case .choices(let names): "one of " + names.joined(separator: ", ")
        case .unsupported(let reason): reason
        }
    }
}
