import Foundation

/// Asks the terminal what it can do. To be run before curses starts, which would swallow the
/// replies.
public struct TerminalProbe: Sendable {
    /// What a probe found.
    public struct Result: Sendable {
        /// What the terminal can do.
        public var capabilities: TerminalCapabilities
        /// Bytes that were typed while it answered, in order.
        public var typed: [UInt8]
        /// Continues to take late replies out of the input; nil when all have come.
        public var pending: ProbeReplyParser?
    }

    /// Where replies are read.
    public let input: Int32
    /// Where queries are written.
    public let output: Int32
    /// Variables that serve as hints where the terminal is silent.
    public let environment: [String: String]

    /// A probe of the terminal behind two descriptors.
    public init(
        input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.input = input
        self.output = output
        self.environment = environment
    }

    /// Whether both descriptors are terminals.
    public var isTerminal: Bool { isatty(input) == 1 && isatty(output) == 1 }

    /// Asks and waits until the last answer or until `timeout` is over, with the terminal in raw
    /// mode meanwhile. Without a terminal nothing is asked.
    ///
    /// Blocks the calling thread.
    public func run(timeout: Duration = .milliseconds(1000)) -> Result {
        var known = TerminalCapabilities()
        TerminalHints.apply(environment: environment, to: &known)
        guard isTerminal else { return Result(capabilities: known, typed: [], pending: nil) }
        let window = WindowSize(of: output)
        known.cells = window?.cells
        var parser = ProbeReplyParser(known)
        withRawMode {
            let term = environment["TERM"] ?? ""
            let query = ProbeQuery.bytes(
                ProbeQuery.extent(term: term), passthrough: known.multiplexer == .tmux)
            guard write(query) else { return }
            readReplies(into: &parser, timeout: timeout)
        }
        let pending = parser.isComplete ? nil : parser
        parser.finish()
        var capabilities = parser.capabilities
        if capabilities.cellPixels == nil { capabilities.cellPixels = window?.cellPixels }
        TerminalHints.refine(environment: environment, &capabilities)
        return Result(capabilities: capabilities, typed: parser.takeTyped(), pending: pending)
    }

    /// Runs `body` with the terminal's echo and line editing off. What was typed before stays
    /// readable.
    private func withRawMode(_ body: () -> Void) {
        var saved = termios()
        guard tcgetattr(input, &saved) == 0 else { return body() }
        var raw = saved
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(input, TCSANOW, &raw)
        body()
        tcsetattr(input, TCSANOW, &saved)
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = Foundation.write(output, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    private func readReplies(into parser: inout ProbeReplyParser, timeout: Duration) {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        var buffer = [UInt8](repeating: 0, count: 1024)
        while !parser.isComplete || parser.isInsideSequence {
            let left = clock.now.duration(to: deadline)
            guard left > .zero else { return }
            let milliseconds = Int32(
                clamping: left.components.seconds * 1000
                    + left.components.attoseconds / 1_000_000_000_000_000 + 1)
            var descriptor = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, milliseconds)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return }
            let count = read(input, &buffer, buffer.count)
            guard count > 0 else { return }
            parser.feed(buffer[0..<count])
        }
    }
}
