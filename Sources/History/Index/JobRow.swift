import Generation

/// A job in the index: fixed size, no references, so that an array of rows is written and read as
/// it lies in memory. Texts are ranges in the segment's byte array.
struct JobRow: Equatable {
    /// A range in the segment's bytes; an absent text has ``absent`` as its count.
    struct Text: Equatable {
        static let absent = UInt32.max
        var offset: UInt32 = 0
        var count: UInt32 = Self.absent
    }

    struct Flags: OptionSet {
        var rawValue: UInt8
        static let starred = Flags(rawValue: 1)
        static let removed = Flags(rawValue: 2)
        static let hasParent = Flags(rawValue: 4)
        static let hasSeed = Flags(rawValue: 8)
        static let hasWriter = Flags(rawValue: 16)
        static let isUnreadable = Flags(rawValue: 32)
    }

    var idHigh: UInt64 = 0
    var idLow: UInt64 = 0
    var parentHigh: UInt64 = 0
    var parentLow: UInt64 = 0
    var writerHigh: UInt64 = 0
    var writerLow: UInt64 = 0
    /// Milliseconds since 1970.
    var queuedAt: Int64 = 0
    /// Milliseconds since 1970, 0 while the job is not over.
    var endedAt: Int64 = 0
    var seed: UInt64 = 0
    var imageCount: UInt32 = 0
    var width: UInt32 = 0
    var height: UInt32 = 0
    var steps: UInt32 = 0
    var prompt = Text()
    var negativePrompt = Text()
    var backend = Text()
    var model = Text()
    var sampler = Text()
    /// Tags separated by line feeds, sorted.
    var tags = Text()
    var note = Text()
    var firstImage = Text()
    /// Lower-cased prompt, negative prompt, tags and note.
    var searchable = Text()
    var status: UInt8 = 0
    var rating: UInt8 = 0
    var flags: UInt8 = 0

    var id: ULID { ULID(high: idHigh, low: idLow) }
    var parent: ULID? {
        has(.hasParent) ? ULID(high: parentHigh, low: parentLow) : nil
    }
    var writer: ULID? {
        has(.hasWriter) ? ULID(high: writerHigh, low: writerLow) : nil
    }

    func has(_ flag: Flags) -> Bool { Flags(rawValue: flags).contains(flag) }

    mutating func set(_ flag: Flags, _ isOn: Bool = true) {
        var set = Flags(rawValue: flags)
        if isOn { set.insert(flag) } else { set.remove(flag) }
        flags = set.rawValue
    }
}
