import Foundation
import Terminal

/// Finds out what the terminal of this process can do, also when stdin is a pipe.
struct TerminalQuestion {
    let capabilities: TerminalCapabilities
    /// Whether pictures go to a terminal at all.
    let isTerminal: Bool

    /// Asks the controlling terminal; without one, hints and defaults have to do.
    static func ask(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> TerminalQuestion {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let descriptor = isTerminal ? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1
        defer { if descriptor >= 0 { close(descriptor) } }
        let probe = TerminalProbe(
            input: descriptor, output: descriptor, environment: environment)
        return TerminalQuestion(capabilities: probe.run().capabilities, isTerminal: isTerminal)
    }

    /// The best way for what was found; letters where the output is no terminal.
    var bestGraphics: GraphicsProtocol {
        isTerminal ? GraphicsProtocol.best(for: capabilities) : .text
    }
}
