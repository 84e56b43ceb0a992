import Foundation
import Generation

/// Everything that a run needs, validated.
struct GenerationJob: Sendable {
    /// The request with defaults filled in and seeds drawn.
    var request: GenerationRequest
    var generator: any ImageGenerator
    var options: ExecutionOptions
    /// What was dropped or changed on the way here.
    var warnings: [String] = []
}

/// What a run gave.
struct GenerationResult: Sendable {
    var request: GenerationRequest
    var pictures: [SavedPicture] = []
    var summary = GenerationSummary()
    var warnings: [String] = []
    /// Pictures that are not where they were meant to be, in words.
    var misplaced: [String] = []
    /// Whether the command left a remote task behind.
    var acceptedTaskID: String?
}
