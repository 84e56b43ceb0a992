/// A draft that a studio has left behind which does not run any more.
public struct LeftDraft: Hashable, Sendable {
    /// Names it to who keeps the drafts.
    public let name: String
    /// When it was saved last, for people.
    public let date: String
    public let prompt: String

    public init(name: String, date: String, prompt: String) {
        self.name = name
        self.date = date
        self.prompt = prompt
    }
}
