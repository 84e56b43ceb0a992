/// `<lora:name:0.8>` in a prompt: a LoRA and how strongly it acts.
public struct LoRATag: Hashable, Sendable {
    /// The file's name without ending.
    public var name: String
    /// Multiplier; 1 when the tag states none.
    public var weight: Double
    /// Multiplier for the UNet where it differs, the third field of the tag.
    public var unetWeight: Double?
    /// Factors per block, the tag's `lbw=1,0,...`; nil without.
    public var blockWeights: [Double]?
    /// UTF-8 offsets of the whole tag in the prompt.
    public var range: Range<Int>
}

extension LoRATag {
    /// The tags of a prompt in order, and the prompt without them. Tags of an unknown kind and tags
    /// whose weight is no number stay in the text.
    public static func extract(from prompt: String) -> (text: String, tags: [LoRATag]) {
        let tags = tags(in: prompt)
        guard !tags.isEmpty else { return (prompt, []) }
        let bytes = Array(prompt.utf8)
        var rest: [UInt8] = []
        var end = 0
        for tag in tags {
            rest += bytes[end..<tag.range.lowerBound]
            end = tag.range.upperBound
        }
        rest += bytes[end...]
        return (String(decoding: rest, as: UTF8.self), tags)
    }

    /// The tags of a prompt in order.
    public static func tags(in prompt: String) -> [LoRATag] {
        let bytes = Array(prompt.utf8)
        var tags: [LoRATag] = []
        var index = 0
        while let start = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
            index = start + 1
            let limit = min(bytes.count, start + 500)
            guard let end = bytes[start..<limit].firstIndex(of: UInt8(ascii: ">")) else { continue }
            guard let tag = LoRATag(bytes[(start + 1)..<end], range: start..<(end + 1)) else {
                continue
            }
            tags.append(tag)
            index = end + 1
        }
        return tags
    }

    /// What looks like a tag of a LoRA and cannot be read, so that it stays in the text: its weight is
    /// no number, or it has no name.
    public static func unreadable(in prompt: String) -> [String] {
        let bytes = Array(prompt.utf8)
        var found: [String] = []
        var index = 0
        while let start = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
            index = start + 1
            let limit = min(bytes.count, start + 500)
            guard let end = bytes[start..<limit].firstIndex(of: UInt8(ascii: ">")) else { continue }
            let content = bytes[(start + 1)..<end]
            let kind = String(decoding: content.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
            guard ["lora", "lyco"].contains(kind.lowercased()), content.count > kind.utf8.count,
                LoRATag(content, range: start..<(end + 1)) == nil
            else { continue }
            found.append(String(decoding: bytes[start...end], as: UTF8.self))
            index = end + 1
        }
        return found
    }

    /// Reads what stands between the angle brackets.
    private init?(_ content: ArraySlice<UInt8>, range: Range<Int>) {
        let text = String(decoding: content, as: UTF8.self)
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 2, ["lora", "lyco"].contains(fields[0].lowercased()),
            !fields[1].isEmpty
        else { return nil }
        var weights: [Double] = []
        var named: [String: [Double]] = [:]
        for field in fields.dropFirst(2) {
            guard let (key, numbers) = Self.field(field) else { return nil }
            if let key { named[key] = numbers } else { weights += numbers }
        }
        name = String(fields[1])
        weight = named["te"]?.first ?? weights.first ?? 1
        unetWeight = named["unet"]?.first ?? (weights.count > 1 ? weights[1] : nil)
        blockWeights = named["lbw"]
        self.range = range
    }

    /// `0.8`, `te=0.8`, `unet=0.8` or `lbw=1,0,...`; nil for what no part of the program knows.
    private static func field(_ text: Substring) -> (key: String?, numbers: [Double])? {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            return PythonText.number(text.unicodeScalars).map { (nil, [$0]) }
        }
        let key = parts[0].lowercased()
        let values = parts[1].split(separator: ",", omittingEmptySubsequences: false)
        let numbers = values.compactMap { PythonText.number($0.unicodeScalars) }
        guard ["te", "unet", "lbw"].contains(key), numbers.count == values.count,
            key == "lbw" || numbers.count == 1
        else { return nil }
        return (key, numbers)
    }
}
