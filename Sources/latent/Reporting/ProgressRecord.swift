import Generation

/// One line of `--progress-json`.
struct ProgressRecord: Encodable, Hashable {
    var stage: String
    var position: Int?
    var fraction: Double?
    var step: Int?
    var steps: Int?
    var image: Int?
    var images: Int?
    var secondsPerStep: Double?
    var secondsLeft: Double?
    /// Text of a warning, or the path of a finished picture.
    var message: String?
    var path: String?

    /// A state of the run.
    init(_ state: ProgressMeter.State) {
        secondsPerStep = state.secondsPerStep
        secondsLeft = state.secondsLeft
        switch state.stage {
        case .queued(let place):
            stage = "queued"
            position = place
        case .uploading: stage = "uploading"
        case .loading(let share):
            stage = "loading"
            fraction = share
        case .encodingText: stage = "encodingText"
        case .encodingImage: stage = "encodingImage"
        case .sampling(let done, let count, let index, let imageCount):
            stage = "sampling"
            (step, steps, image, images) = (done, count, index, imageCount)
        case .decoding(let index, let imageCount):
            stage = "decoding"
            (image, images) = (index, imageCount)
        case .downloading: stage = "downloading"
        case .finished: stage = "finished"
        }
    }

    /// Something that is no stage: `warning` with a message, `image` with a path.
    init(stage: String, image: Int? = nil, message: String? = nil, path: String? = nil) {
        self.stage = stage
        self.image = image
        self.message = message
        self.path = path
    }
}
