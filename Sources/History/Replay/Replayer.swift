import Foundation
import Generation
import Hashing
import Images

/// Runs items again and compares what comes out with what was recorded.
public struct Replayer: Sendable {
    /// What a replay needs to know of its surroundings.
    public struct Surroundings: Sendable {
        /// This program, build and CPU; the replayer leaves it out for remote backends.
        public var engine: EngineIdentity?
        /// The files that a request names, hashed.
        public var files: @Sendable (GenerationRequest) async throws -> [FileIdentity]
        /// Decodes a picture file; throws when it is gone or damaged.
        public var picture: @Sendable (URL) throws -> PixelImage

        /// Surroundings without files and pictures.
        public init(
            engine: EngineIdentity?,
            files: @escaping @Sendable (GenerationRequest) async throws -> [FileIdentity] = { _ in
                []
            },
            picture: @escaping @Sendable (URL) throws -> PixelImage = {
                try ImageFile.read($0.path)
            }
        ) {
            self.engine = engine
            self.files = files
            self.picture = picture
        }
    }

    /// Least likeness of a picture that is close, in dB.
    static let closeDecibels = 30.0

    private let surroundings: Surroundings

    /// A replayer.
    public init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// Runs an item and compares every picture as it comes.
    ///
    /// - Parameters:
    ///   - item: what to run.
    ///   - generator: the backend that the item's request names.
    ///   - options: how to run; no effect on the picture.
    ///   - report: gets every event of the run, for progress and for saving pictures.
    /// - Returns: one verdict per picture.
    /// - Throws: the backend's error, `CancellationError` when stopped.
    public func replay(
        _ item: ReplayItem, with generator: any ImageGenerator,
        options: ExecutionOptions = ExecutionOptions(),
        report: (GenerationEvent) throws -> Void = { _ in }
    ) async throws -> ReplayResult {
        let repeatability = try await generator.capabilities(for: item.request).repeatability
        var today = ReplayCircumstances(
            request: item.request, engine: repeatability == .exact ? surroundings.engine : nil,
            files: try await surroundings.files(item.request), repeatability: repeatability)
        var verdicts: [ReplayVerdict] = []
        for try await event in generator.generate(item.request, options: options) {
            switch event {
            case .started(let request): today.request = request
            case .image(let image): verdicts.append(compare(image, with: item))
            case .finished(let summary): today.modelHashes = summary.modelHashes
            default: break
            }
            try report(event)
        }
        // A stream that is cancelled from outside ends without an error.
        try Task.checkCancellation()
        let reasons = ReplayReasons.find(item, today: today)
        for index in verdicts.indices where verdicts[index].kind != .identical {
            verdicts[index].reasons = reasons
        }
        return ReplayResult(title: item.title, verdicts: verdicts)
    }

    private func compare(_ image: GeneratedImage, with item: ReplayItem) -> ReplayVerdict {
        let expected = item.expected.first { $0.index == image.index }
        let hash = image.image.pixelsSHA256
        let (original, pixels) = look(at: expected)
        var verdict = ReplayVerdict(
            index: image.index, seed: image.seed, kind: .different, reasons: [],
            original: original, recordedSHA256: expected?.pixelsSHA256, pixelsSHA256: hash)
        if expected?.pixelsSHA256 == hash {
            verdict.kind = .identical
        } else if original != .changed, let pixels {
            let ratio = image.image.peakSignalToNoiseRatio(to: pixels)
            if let ratio, ratio.isFinite { verdict.psnr = ratio }
            if ratio == .infinity {
                verdict.kind = .identical
            } else if let ratio, ratio >= Self.closeDecibels {
                verdict.kind = .close
            }
        } else if expected?.pixelsSHA256 == nil {
            verdict.kind = .unverifiable
        }
        return verdict
    }

    /// The recorded picture file, and whether it is still what was recorded.
    private func look(
        at expected: ReplayItem.ExpectedImage?
    ) -> (ReplayVerdict.Original, PixelImage?) {
        guard let url = expected?.url else { return (.unknown, nil) }
        guard FileManager.default.fileExists(atPath: url.path) else { return (.missing, nil) }
        guard let pixels = try? surroundings.picture(url) else { return (.changed, nil) }
        // JPEG does not keep pixels, so its decoded form is only good for measuring likeness.
        let keepsPixels = url.pathExtension.lowercased() == "png"
        guard keepsPixels, let hash = expected?.pixelsSHA256 else { return (.unknown, pixels) }
        return hash == pixels.pixelsSHA256 ? (.intact, pixels) : (.changed, pixels)
    }
}
