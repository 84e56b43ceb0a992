/// What running a history entry again has given so far.
public struct EntryReplay: Hashable, Sendable {
    /// Where it stands, and how the pictures compare with the recorded ones.
    public enum State: String, Hashable, Sendable, CaseIterable {
        case waiting, running
        /// All pictures are the same, bit for bit.
        case identical
        /// Not the same bits, but at least 30 dB alike.
        case close
        /// At least one picture is another one.
        case different
        /// It could not be run, or there is nothing to compare with.
        case cannot
    }

    public var state: State
    /// One line: the likeness and the likeliest reason.
    public var text: String
    /// All that is known, a line per picture.
    public var details: [String]
    /// The first picture that came out otherwise.
    public var picture: ImageReference?

    public init(
        _ state: State, _ text: String = "", details: [String] = [], picture: ImageReference? = nil
    ) {
        self.state = state
        self.text = text
        self.details = details
        self.picture = picture
    }

    /// Whether it has ended.
    public var isOver: Bool { state != .waiting && state != .running }
}
