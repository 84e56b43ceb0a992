/// A control sequence taken apart: `CSI prefix numbers intermediate final`.
struct ControlReply {
    /// One of `<=>?`, or nil.
    let prefix: Character?
    /// The parameters; an absent one counts as 0.
    let numbers: [Int]
    /// The intermediate byte, such as `$`, or nil.
    let intermediate: Character?
    /// The final byte.
    let final: Character

    /// Takes a complete sequence apart, `ESC [` included.
    ///
    /// - Returns: nil when it has another form.
    init?(_ sequence: [UInt8]) {
        guard sequence.count >= 3, let last = sequence.last else { return nil }
        var body = sequence[2..<(sequence.count - 1)]
        final = Character(Unicode.Scalar(last))
        if let first = body.first, (0x3C...0x3F).contains(first) {
            prefix = Character(Unicode.Scalar(first))
            body = body.dropFirst()
        } else {
            prefix = nil
        }
        if let end = body.last, (0x20...0x2F).contains(end) {
            intermediate = Character(Unicode.Scalar(end))
            body = body.dropLast()
        } else {
            intermediate = nil
        }
        guard body.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x3B }) else { return nil }
        let fields = body.split(separator: 0x3B, omittingEmptySubsequences: false)
        numbers = fields.map { Int(String(decoding: $0.prefix(9), as: UTF8.self)) ?? 0 }
    }
}
