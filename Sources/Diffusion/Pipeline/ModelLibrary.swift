import Foundation
import Generation

/// Finds models and remembers opened checkpoints, so that asking for capabilities at every
/// keystroke reads no file again.
actor ModelLibrary {
    /// Turns a name that is no path into a place, nil when nobody knows it.
    typealias Resolver = @Sendable (String) -> URL?

    private let embeddedModel: URL?
    private let resolve: Resolver
    let known: KnownModels
    /// Opened checkpoints, the last used at the end.
    private var opened: [Opened] = []
    private static let capacity = 4

    /// A checkpoint and what its files were when it was opened.
    private struct Opened {
        let url: URL
        let vae: URL?
        let folder: [FileStamp]
        let weights: Set<FileStamp>
        let checkpoint: Checkpoint
    }

    init(
        embeddedModel: URL?, resolve: @escaping Resolver, known: KnownModels = KnownModels()
    ) {
        self.embeddedModel = embeddedModel
        self.resolve = resolve
        self.known = known
    }

    /// The checkpoint that `request` names, with its VAE replaced when the request says so.
    ///
    /// - Throws: ``WeightsError`` or ``EngineError``.
    func checkpoint(for request: GenerationRequest) throws -> Checkpoint {
        let url = try location(of: request.model)
        let vae = request.vae.map { place($0) }
        let folder = [url, url.appendingPathComponent("model_index.json")].map { FileStamp($0) }
        if let index = opened.firstIndex(where: { $0.url == url && $0.vae == vae }) {
            let known = opened.remove(at: index)
            if known.folder == folder, known.weights == known.checkpoint.stamps {
                opened.append(known)
                return known.checkpoint
            }
        }
        let companions = ModelCompanions(vae: vae, checkpoints: known.checkpoints())
        var checkpoint = try Checkpoint(url, companions: companions)
        if let vae { try checkpoint.replaceVAE(at: vae) }
        opened.append(
            Opened(
                url: url, vae: vae, folder: folder, weights: checkpoint.stamps,
                checkpoint: checkpoint))
        if opened.count > Self.capacity { opened.removeFirst() }
        return checkpoint
    }

    /// The refiner that `request` names; nil without one.
    ///
    /// - Throws: ``WeightsError`` or ``EngineError``.
    func refiner(for request: GenerationRequest) throws -> Checkpoint? {
        guard let name = request.refiner else { return nil }
        var refining = request
        (refining.model, refining.vae) = (name, nil)
        return try checkpoint(for: refining)
    }

    /// The LoRAs of `request`, understood for its checkpoint.
    ///
    /// - Throws: ``AdapterError`` or ``WeightsError``.
    func adapters(for request: GenerationRequest, on checkpoint: Checkpoint) throws -> AdapterSet {
        var set = AdapterSet()
        for reference in request.loras {
            let lora = try LoRA(try place(ofLoRA: reference.name), for: checkpoint)
            set.add(
                lora, unetStrength: reference.weight,
                textStrength: reference.textEncoderWeight ?? reference.weight,
                blocks: reference.blockWeights.map { BlockWeights($0, for: checkpoint) })
        }
        for reference in request.embeddings {
            let url = try place(ofEmbedding: reference.path, model: request.model)
            set.add(try TextualInversion(token: reference.token, url, for: checkpoint))
        }
        return set
    }

    /// The textual inversions of `request` that a refiner reads with its one encoder.
    ///
    /// - Throws: ``AdapterError`` or ``WeightsError``; a file without vectors for that encoder
    ///   leaves a warning.
    func words(for request: GenerationRequest, on refiner: Checkpoint) throws -> AdapterSet {
        var set = AdapterSet()
        for reference in request.embeddings {
            let url = try place(ofEmbedding: reference.path, model: request.model)
            do {
                set.add(try TextualInversion(token: reference.token, url, for: refiner))
            } catch is AdapterError {
                set.warn(
                    "the refiner reads \(reference.token) as text: \(url.lastPathComponent) has no "
                        + "vectors for its encoder")
            }
        }
        return set
    }

    private func place(ofEmbedding name: String, model: String?) throws(AdapterError) -> URL {
        let expanded = (name as NSString).expandingTildeInPath
        if FileManager.default.fileExists(atPath: expanded) {
            return URL(fileURLWithPath: expanded)
        }
        guard let url = known.embeddings(model)[name] else { throw .notFound(name: name) }
        return url
    }

    private func place(ofLoRA name: String) throws(AdapterError) -> URL {
        let expanded = (name as NSString).expandingTildeInPath
        if FileManager.default.fileExists(atPath: expanded) {
            return URL(fileURLWithPath: expanded)
        }
        guard let url = known.lora(name) else { throw .notFound(name: name) }
        return url
    }

    private func location(of model: String?) throws -> URL {
        if let model { return place(model) }
        guard let embeddedModel else { throw EngineError.noModel }
        return embeddedModel
    }

    /// A path when something lies there, a known name otherwise, and the path again when not.
    func place(_ name: String) -> URL {
        let expanded = (name as NSString).expandingTildeInPath
        let url = URL(fileURLWithPath: expanded)
        if FileManager.default.fileExists(atPath: expanded) { return url }
        return resolve(name) ?? url
    }
}

extension Checkpoint {
    /// Puts another VAE in place of the checkpoint's.
    mutating func replaceVAE(at url: URL) throws(WeightsError) {
        let other = try Self.vae(at: url)
        guard other.configuration.latentChannels == vae.configuration.latentChannels,
            other.configuration.scale == vae.configuration.scale
        else {
            throw .notAModel(path: url.path, reason: "this VAE has latents of another kind")
        }
        // A file on its own does not tell its scale; that of the same kind of model holds.
        let scale = vae.configuration.scalingFactor
        vae = other
        if !Self.tellsScale(vaeAt: url) { vae.configuration.scalingFactor = scale }
        let own = vae.configuration.scalingFactor
        if abs(own - scale) > 0.01 * abs(scale) {
            notes.append(
                "the VAE \(url.path) scales latents by \(own), the model's own by \(scale): it was "
                    + "probably made for another kind of model")
        }
    }
}
