import Generation

/// The parameters pane: values, the selected line, what is typed into it.
public struct ParameterState: Hashable, Sendable {
    /// The values; fields that are nil follow the backend's defaults.
    public var request: GenerationRequest
    public var seed = SeedSetting()
    /// Pictures per run, at least 1.
    public var count = 1
    public var selection = ParameterID.size
    /// First line that is shown.
    public var scroll = 0
    /// What is typed into the selected line; nil: nothing.
    public var editing: LineEditor?
    /// Why the typed value was not taken.
    public var problem: String?

    public init(request: GenerationRequest) { self.request = request }
}
