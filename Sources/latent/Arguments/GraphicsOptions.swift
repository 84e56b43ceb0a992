import ArgumentParser
import Terminal

/// Forces a way to show pictures.
struct GraphicsOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "auto (default), kitty, kitty-direct, sixel, iterm2, blocks, blocks-256, text, none.",
            valueName: "way"))
    var graphics: String?

    /// The way that is forced; nil: the best one.
    func chosen(_ reader: inout ArgumentReader) -> GraphicsProtocol? {
        guard let graphics, graphics.lowercased() != "auto" else { return nil }
        return reader.choice("--graphics", graphics)
    }
}
