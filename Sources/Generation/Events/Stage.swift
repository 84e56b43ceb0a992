/// Where a generation stands; the same names in engines, estimators, progress bars and logs.
public enum Stage: Hashable, Sendable, Codable {
    /// Waiting at a service; the position when it is known.
    case queued(position: Int?)
    /// Files are sent to a service.
    case uploading
    /// Weights are read; the share that is done, 0...1.
    case loading(fraction: Double)
    /// The prompts are turned into embeddings.
    case encodingText
    /// An initial picture is turned into latents.
    case encodingImage
    /// Step `step` of `count` is finished; `step` 0 announces the start. With several pictures that
    /// run one after another, `image` of `imageCount` (from 0) says which one.
    case sampling(step: Int, count: Int, image: Int, imageCount: Int)
    /// Latents are turned into pixels.
    case decoding(image: Int, imageCount: Int)
    /// Pictures are fetched from a service.
    case downloading
    /// All pictures are there.
    case finished
}
