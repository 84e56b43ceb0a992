import Generation
import Studio

/// How a run ended.
public struct RunOutcome: Sendable {
    /// As it ran: defaults filled in, seeds drawn.
    public var request: GenerationRequest
    public var status: HistoryEntry.Status
    public var summary: GenerationSummary?
    /// Why it failed, for people.
    public var problem: String?
    /// The failure itself.
    public var error: (any Error)?
    public var warnings: [String] = []
    /// The last look at a picture that was not finished.
    public var partial: PreviewImage?

    public init(request: GenerationRequest, status: HistoryEntry.Status) {
        self.request = request
        self.status = status
    }
}
