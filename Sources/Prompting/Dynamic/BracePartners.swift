/// For each opening brace the place of the one that closes it.
struct BracePartners {
    private var ends: [Int: Int] = [:]

    init(_ bytes: [UInt8]) {
        var open: [Int] = []
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\"): index += 1
            case UInt8(ascii: "{"): open.append(index)
            case UInt8(ascii: "}"): if let start = open.popLast() { ends[start] = index }
            default: break
            }
            index += 1
        }
    }

    /// Where the brace at `index` closes; nil for another character or a brace without partner.
    func end(ofBraceAt index: Int) -> Int? { ends[index] }
}
