import Foundation
import Generation
import Presets
import Screen
import Terminal

/// The terminal of this process, asked what it can do and taken over.
public struct StudioTerminal: Sendable {
    public let device: CursesTerminal
    public let capabilities: TerminalCapabilities
    /// How pictures are shown.
    public let graphics: GraphicsProtocol
    /// What a person should know about that; nil: nothing.
    public let notice: String?
    /// Whether pictures may stay invisible.
    public let isDoubtful: Bool

    /// The colours that themes may use.
    public var themeDepth: Presets.ColorDepth {
        switch device.colorDepth {
        case .monochrome: .monochrome
        case .eight, .sixteen: .indexed16
        case .palette: .indexed256
        case .trueColor: .trueColor
        }
    }

    /// Probes the terminal, then starts curses on it.
    ///
    /// - Parameter graphics: what the user asks for; nil: the best that the terminal has. What a
    ///   multiplexer would swallow is shown in another way, which ``notice`` tells.
    /// - Throws: ``TerminalUnavailable``.
    public static func open(
        graphics: GraphicsProtocol?, environment: [String: String]
    ) async throws -> StudioTerminal {
        let probe = TerminalProbe(environment: environment)
        guard probe.isTerminal else { throw TerminalUnavailable.notATerminal }
        let result = probe.run()
        let found = result.capabilities
        var options = CursesOptions(term: environment["TERM"] ?? "")
        options.showsTrueColor = found.colorDepth == .trueColor
        options.synchronizesOutput = found.supportsSynchronizedOutput
        options.cellPixels = found.cellPixels.map { Size(width: $0.width, height: $0.height) }
        options.typed = result.typed
        if environment["NO_COLOR"]?.isEmpty == false { options.maximumDepth = .monochrome }
        if let delay = environment["ESCDELAY"].flatMap({ Int($0) }), (1...2000).contains(delay) {
            options.escapeDelay = delay
        }
        let device = try await CursesTerminal.open(options)
        let choice = GraphicsChoice(graphics, for: found)
        return StudioTerminal(
            device: device, capabilities: found, graphics: choice.way, notice: choice.notice,
            isDoubtful: choice.isDoubtful)
    }
}
