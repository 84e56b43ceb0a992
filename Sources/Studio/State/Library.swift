import Generation

/// Styles, parameter presets and themes that can be chosen by name, and the names that prompts may
/// use.
public struct Library: Hashable, Sendable {
    /// A style or a preset for a list.
    public struct Entry: Hashable, Sendable {
        public let name: String
        public let summary: String

        public init(name: String, summary: String) {
            self.name = name
            self.summary = summary
        }
    }

    public var styles: [Entry]
    public var presets: [Entry]
    public var themes: [Entry]
    public var loras: [Entry] = []
    /// Textual inversions, by the word that stands for them.
    public var embeddings: [Entry] = []
    public var wildcards: [Entry] = []
    /// Checkpoints.
    public var models: [Entry] = []
    public var vaes: [Entry] = []
    /// ControlNets and T2I-Adapters.
    public var controlNets: [Entry] = []
    /// IP-Adapters.
    public var imageAdapters: [Entry] = []
    public var safetyCheckers: [Entry] = []

    public init(styles: [Entry] = [], presets: [Entry] = [], themes: [Entry] = []) {
        self.styles = styles
        self.presets = presets
        self.themes = themes
    }
}
