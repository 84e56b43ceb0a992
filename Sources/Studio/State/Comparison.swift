/// Two pictures that are held against each other.
public struct Comparison: Hashable, Sendable {
    /// What of them is shown in place of the current picture.
    public enum View: Hashable, Sendable {
        case off, first, second, difference
    }

    /// One of the two.
    public struct Side: Hashable, Sendable {
        public let image: ImageReference
        /// The history entry that it belongs to; nil for a picture of a job that still runs.
        public let entry: String?

        public init(_ image: ImageReference, entry: String?) {
            self.image = image
            self.entry = entry
        }
    }

    /// A, B.
    public var first: Side?
    public var second: Side?
    public var view = View.off
    /// Differences are shown this many times as strong; nil: as strong as hardly any is cut off.
    public var gain: Int?
    /// What was found for the two pictures that are compared.
    public var result: PictureDifference?

    public init() {}

    /// What A is held against: B, or the current picture.
    public func other(_ current: ImageReference?) -> ImageReference? { second?.image ?? current }
}

/// How two pictures differ.
public struct PictureDifference: Hashable, Sendable {
    /// The names of the two pictures.
    public let first: String
    public let second: String
    /// The gain that was asked for; nil: whatever suits.
    public let asked: Int?
    public let gain: Int
    /// The absolute difference of every pixel, ``gain`` times as strong.
    public let image: ImageReference
    /// Peak signal-to-noise ratio in dB; nil when they are the same, bit for bit.
    public let decibels: Double?
    /// Pixels that differ, as a share 0...1.
    public let share: Double
    /// The largest difference of a colour, 0...255.
    public let largest: Int
    /// Whether the second picture was scaled to the size of the first.
    public let isScaled: Bool

    public init(
        first: String, second: String, asked: Int? = nil, gain: Int, image: ImageReference,
        decibels: Double?, share: Double, largest: Int, isScaled: Bool
    ) {
        self.first = first
        self.second = second
        self.asked = asked
        self.gain = gain
        self.image = image
        self.decibels = decibels
        self.share = share
        self.largest = largest
        self.isScaled = isScaled
    }

    /// The figures in words, the most telling first.
    public var parts: [String] {
        let scaled = isScaled ? ["B scaled to A"] : []
        guard let decibels else { return ["identical, bit for bit"] + scaled }
        let tenths = Int((decibels * 10).rounded())
        let percent = share * 100
        let pixels = percent < 1 ? "under 1 %" : "\(Int(percent.rounded())) %"
        return ["PSNR \(tenths / 10).\(abs(tenths % 10)) dB"] + scaled
            + ["\(pixels) differ, up to \(largest)"]
    }
}
