/// One of the two prompt editors with what is known about its text.
public struct PromptField: Hashable, Sendable {
    /// Counted tokens of a text.
    public struct Tokens: Hashable, Sendable {
        /// Tokens of the longer of the two encoders' readings, without begin and end marks.
        public var count: Int
        /// Chunks of 75 tokens that they fill, at least 1.
        public var chunks: Int
        /// Characters at which a new chunk of 75 tokens begins.
        public var boundaries: [Int]

        public init(count: Int, chunks: Int = 1, boundaries: [Int] = []) {
            self.count = count
            self.chunks = chunks
            self.boundaries = boundaries
        }
    }

    public var editor: TextEditor
    /// Counted tokens, of an earlier text while the count is under way; nil: never counted.
    public var tokens: Tokens?
    /// First line of the layout that is shown.
    public var scroll = 0
    /// Which earlier prompt Up has brought, 0 the newest; nil: the text is the user's own.
    public var recalled: Int?
    /// What was typed before Up brought an earlier prompt.
    public var draft = ""

    /// The lines as they were broken last, and the revision of the editor then.
    private var layout: TextLayout?
    private var layoutRevision = -1

    public init(_ text: String = "") { editor = TextEditor(text) }

    /// The text in lines of a width: those of ``arrange(width:)`` when they are still right.
    public func lines(width: Int) -> TextLayout {
        if let layout, layoutRevision == editor.revision, layout.width == max(1, width) {
            return layout
        }
        return TextLayout(editor.characters, width: width)
    }

    /// Breaks the text into lines and keeps them; after a single change only those around it.
    ///
    /// - Returns: how many characters were looked at.
    @discardableResult
    mutating func arrange(width: Int) -> Int {
        let width = max(1, width)
        if layout?.width == width {
            if layoutRevision == editor.revision { return 0 }
            if layoutRevision == editor.revision - 1 {
                layoutRevision = editor.revision
                return layout?.update(editor.characters, after: editor.lastEdit) ?? 0
            }
        }
        layout = TextLayout(editor.characters, width: width)
        layoutRevision = editor.revision
        return editor.characters.count
    }
}
