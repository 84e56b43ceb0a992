/// Takes a terminal's replies out of what arrives on its input, byte by byte.
///
/// Replies may be split anywhere, arrive late, in any order and between keys. What is no reply is
/// kept in ``typed`` in order, so that no key is lost. Feed it for as long as replies may come,
/// also after the probe gave up waiting.
public struct ProbeReplyParser: Sendable {
    private enum State: Sendable {
        case ground
        case escape
        /// `CSI`, up to its final byte.
        case control
        /// `DCS`, `OSC` or `APC`, up to ST; OSC also up to BEL.
        case string
        case stringEscape
    }

    /// Longest sequence that is waited for; longer ones are given up as typed.
    static let maximumSequence = 4096

    /// What the replies said.
    public private(set) var capabilities: TerminalCapabilities
    /// Bytes that are no replies, in order of arrival.
    public private(set) var typed: [UInt8] = []
    private var state = State.ground
    private var sequence: [UInt8] = []
    /// The text area in pixels (`CSI 14 t`), used with ``TerminalCapabilities/cells``.
    private var textAreaPixels: TerminalCapabilities.Size?
    /// Columns and rows as the terminal says (`CSI 18 t`).
    private var reportedCells: TerminalCapabilities.Size?

    /// A parser that adds to what is known.
    public init(_ capabilities: TerminalCapabilities = TerminalCapabilities()) {
        self.capabilities = capabilities
    }

    /// Whether DA1's answer has come: no other answer follows it.
    public var isComplete: Bool { capabilities.answered }

    /// Whether a sequence has begun and not ended.
    public var isInsideSequence: Bool { state != .ground }

    /// Takes bytes as they were read.
    public mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { feed(byte) }
    }

    /// Takes back ``typed``, leaving it empty.
    public mutating func takeTyped() -> [UInt8] {
        defer { typed = [] }
        return typed
    }

    /// Ends the wait: an unfinished sequence counts as typed, and sizes are worked out.
    public mutating func finish() {
        giveUp()
        if capabilities.cells == nil { capabilities.cells = reportedCells }
        guard capabilities.cellPixels == nil, let area = textAreaPixels,
            let cells = capabilities.cells ?? reportedCells, area.width >= cells.width,
            area.height >= cells.height
        else { return }
        capabilities.cellPixels = .init(
            width: area.width / cells.width, height: area.height / cells.height)
    }

    private mutating func feed(_ byte: UInt8) {
        if state == .ground {
            guard byte == 0x1B else { return typed.append(byte) }
            sequence = [byte]
            state = .escape
            return
        }
        // A second ESC starts anew, except where it begins the end of a string.
        if byte == 0x1B, state != .string {
            giveUp()
            sequence = [byte]
            state = .escape
            return
        }
        sequence.append(byte)
        guard sequence.count <= Self.maximumSequence else { return giveUp() }
        advance(byte)
    }

    private mutating func advance(_ byte: UInt8) {
        switch state {
        case .ground: break
        case .escape:
            switch byte {
            case UInt8(ascii: "["): state = .control
            case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"): state = .string
            default: giveUp()
            }
        case .control:
            guard (0x40...0x7E).contains(byte) else {
                if byte < 0x20 { giveUp() }
                return
            }
            guard let reply = ControlReply(sequence) else { return giveUp() }
            end(apply(reply))
        case .string:
            if byte == 0x1B { state = .stringEscape }
            if byte == 0x07, sequence[1] == UInt8(ascii: "]") { end(applyString(terminator: 1)) }
        case .stringEscape:
            guard byte == UInt8(ascii: "\\") else { return giveUp() }
            end(applyString(terminator: 2))
        }
    }

    /// Leaves a sequence; one that was no reply is what the person typed.
    private mutating func end(_ wasReply: Bool) {
        if !wasReply { typed += sequence }
        sequence = []
        state = .ground
    }

    /// Counts an unfinished sequence as typed: an ESC that stays alone is a key.
    public mutating func giveUp() { end(false) }

    private mutating func apply(_ reply: ControlReply) -> Bool {
        let numbers = reply.numbers
        switch (reply.prefix, reply.intermediate, reply.final) {
        case ("?", nil, "c"):
            capabilities.deviceAttributes = numbers
            capabilities.answered = true
        case ("?", nil, "S"):
            applyGraphics(numbers)
        case (nil, nil, "t"):
            return applySize(numbers)
        case ("?", "$", "y"):
            guard numbers.first == 2026, numbers.count == 2 else { return true }
            capabilities.supportsSynchronizedOutput = (1...3).contains(numbers[1])
        default:
            return false
        }
        return true
    }

    /// `CSI ? item ; status ; values S`; status 0 is success.
    private mutating func applyGraphics(_ numbers: [Int]) {
        guard numbers.count >= 3, numbers[1] == 0 else { return }
        if numbers[0] == 1, numbers[2] > 0 { capabilities.sixelRegisters = numbers[2] }
        if numbers[0] == 2, numbers.count >= 4 {
            capabilities.sixelGeometry = size(width: numbers[2], height: numbers[3])
        }
    }

    /// `CSI 4|6|8 ; height ; width t`.
    private mutating func applySize(_ numbers: [Int]) -> Bool {
        guard numbers.count == 3, [4, 6, 8].contains(numbers[0]) else { return false }
        let size = size(width: numbers[2], height: numbers[1])
        switch numbers[0] {
        case 4: textAreaPixels = size
        case 6: capabilities.cellPixels = size
        default: reportedCells = size
        }
        return true
    }

    private func size(width: Int, height: Int) -> TerminalCapabilities.Size? {
        guard (1...100_000).contains(width), (1...100_000).contains(height) else { return nil }
        return .init(width: width, height: height)
    }

    /// A complete `DCS`, `OSC` or `APC` sequence.
    private mutating func applyString(terminator: Int) -> Bool {
        let kind = sequence[1]
        let body = String(decoding: sequence.dropFirst(2).dropLast(terminator), as: UTF8.self)
        switch kind {
        case UInt8(ascii: "P") where body.hasPrefix(">|"):
            applyVersion(String(body.dropFirst(2)))
        case UInt8(ascii: "]") where body.hasPrefix("11;"):
            capabilities.background = BackgroundReply.color(in: body.dropFirst(3))
        case UInt8(ascii: "]") where body.hasPrefix("10;"):
            break
        case UInt8(ascii: "_") where body.hasPrefix("G"):
            applyKitty(body.dropFirst())
        case UInt8(ascii: "P"):
            // Any other report (DECRQSS, XTGETTCAP) is nobody's typing either.
            return body.contains("$r") || body.contains("+r")
        default:
            return false
        }
        return true
    }

    private mutating func applyVersion(_ text: String) {
        capabilities.version = String(text.filter { $0.isASCII && !$0.isNewline }.prefix(80))
        switch capabilities.brand {
        case "tmux": capabilities.multiplexer = .tmux
        case "screen": capabilities.multiplexer = .screen
        default: break
        }
    }

    /// `i=31;OK`.
    private mutating func applyKitty(_ body: Substring) {
        let parts = body.split(separator: ";", maxSplits: 1)
        guard parts.count == 2, parts[1] == "OK" else { return }
        let keys = parts[0].split(separator: ",")
        if keys.contains("i=\(ProbeQuery.directKittyID)") {
            capabilities.answersKittyGraphics = true
        }
        if keys.contains("i=\(ProbeQuery.passthroughKittyID)") {
            capabilities.answersKittyGraphicsThroughPassthrough = true
        }
    }
}
