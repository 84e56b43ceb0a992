import Foundation
import Generation
import Hashing
import Images

/// One request to run again, and what it gave the first time.
public struct ReplayItem: Sendable {
    /// Where the request was found.
    public enum Source: Hashable, Sendable {
        case job(ULID)
        case picture(path: String)
    }

    /// A picture of the first time.
    public struct ExpectedImage: Hashable, Sendable {
        /// Which picture of the request, from 0.
        public var index: Int
        /// SHA-256 over the raw RGB rows, nil when the source does not say.
        public var pixelsSHA256: String?
        /// Where the picture was saved.
        public var url: URL?

        /// A picture as it was recorded.
        public init(index: Int, pixelsSHA256: String?, url: URL?) {
            self.index = index
            self.pixelsSHA256 = pixelsSHA256
            self.url = url
        }
    }

    public var source: Source
    /// The request, with ``changes`` applied.
    public var request: GenerationRequest
    /// Fields that `--set` or `--backend` changed.
    public var changes: [RequestField] = []
    /// The pictures of the first time.
    public var expected: [ExpectedImage]
    /// Program, build and CPU of the first time.
    public var engine: EngineIdentity?
    /// Files that took part the first time.
    public var files: [FileIdentity] = []
    /// Hashes of model files of the first time by role; foreign tools record a prefix.
    public var modelHashes: [String: String] = [:]
    /// The program that made it, when it was not this one.
    public var tool: SourceTool?
    /// Why the result may differ, known beforehand.
    public var warnings: [String] = []

    /// What a person calls it: the job's identifier or the picture's name.
    public var title: String {
        switch source {
        case .job(let id): id.description
        case .picture(let path): printable(URL(fileURLWithPath: path).lastPathComponent, limit: 60)
        }
    }

    /// An item with what is known of the first time.
    public init(source: Source, request: GenerationRequest, expected: [ExpectedImage]) {
        self.source = source
        self.request = request
        self.expected = expected
    }

    /// The item of a recorded job.
    public init(job: JobDetails, pictureURL: (String) -> URL) {
        source = .job(job.id)
        request = job.request
        expected = job.images.filter { $0.isPartial != true }.map {
            ExpectedImage(
                index: $0.index, pixelsSHA256: $0.pixelsSHA256, url: pictureURL($0.path))
        }
        engine = job.engine
        files = job.files
        modelHashes = job.modelHashes
    }

    /// The item of a picture, nil when its metadata holds no request.
    public init?(picture path: String, metadata: PictureMetadata) {
        guard let request = metadata.request else { return nil }
        source = .picture(path: path)
        self.request = request
        tool = metadata.tool == .latent ? nil : metadata.tool
        engine = metadata.record?.engine
        modelHashes = metadata.record?.modelHashes ?? metadata.hashes
        warnings = metadata.warnings
        expected = [
            ExpectedImage(
                index: 0, pixelsSHA256: metadata.record?.pixelsSHA256,
                url: URL(fileURLWithPath: path))
        ]
    }
}
