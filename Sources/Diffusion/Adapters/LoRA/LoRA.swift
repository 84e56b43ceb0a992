import Foundation
import Tensors

/// A LoRA file understood for one checkpoint: which weight changes how.
struct LoRA: Sendable {
    /// Changes of one stored tensor, at strength 1.
    struct Change: Sendable {
        let target: AdapterTarget
        /// `weight` or `bias`.
        let tensor: String
        let delta: WeightDelta
    }

    let file: AdapterFile
    let changes: [Change]
    /// What a person should know although the file can be used.
    let warnings: [String]

    /// Share of tensors without a place in the model from which a file is refused.
    static let unknownLimit = 0.05

    /// - Throws: ``WeightsError``, ``AdapterError``.
    init(_ url: URL, for checkpoint: Checkpoint) throws {
        try self.init(AdapterFile(url), for: checkpoint)
    }

    init(_ file: AdapterFile, for checkpoint: Checkpoint) throws {
        self.file = file
        let targets = AdapterTargets(checkpoint)
        var changes: [Change] = []
        var unknown = file.unknown
        var unpaired: [String] = []
        for (name, module) in file.modules.sorted(by: { $0.key < $1.key }) {
            guard let target = targets.find(name) else {
                unknown += module.names
                continue
            }
            guard let weights = AdapterModule(name, module, target, in: checkpoint, file) else {
                unknown += module.names
                continue
            }
            if let missing = weights.missingPart {
                unpaired.append("\(name) (no \(missing))")
                continue
            }
            if weights.lacksBias { unknown += module.names.filter(AdapterTensorName.isOfBias) }
            do {
                changes += try weights.changes()
            } catch let error as AdapterError {
                throw Self.explained(error, file, checkpoint)
            }
        }
        self.changes = changes
        guard unpaired.isEmpty else {
            throw AdapterError.missingPair(file: file.path, names: unpaired)
        }
        warnings = try Self.judge(unknown.sorted(), file, checkpoint)
    }

    /// Refuses a file of which too much has no place, and warns of the rest.
    private static func judge(
        _ unknown: [String], _ file: AdapterFile, _ checkpoint: Checkpoint
    ) throws -> [String] {
        guard !unknown.isEmpty else { return [] }
        let error = AdapterError.unknownTensors(
            file: file.path, names: unknown, total: file.count)
        if Double(unknown.count) > unknownLimit * Double(file.count) {
            throw explained(error, file, checkpoint)
        }
        return [error.summary + "; they are ignored"]
    }

    /// The error in the words of model families where the file tells its own.
    private static func explained(
        _ error: AdapterError, _ file: AdapterFile, _ checkpoint: Checkpoint
    ) -> AdapterError {
        guard let made = AdapterBase(file).title, made != checkpoint.family.title else {
            return error
        }
        return .otherBase(file: file.path, madeFor: made, model: checkpoint.family.title)
    }
}

/// The LoRAs of a request on one checkpoint, ready to be put on its weights.
struct AdapterSet: Sendable {
    /// Patches by network and tensor name.
    private(set) var patches: [AdapterNetwork: [String: [WeightPatch]]] = [:]
    private(set) var warnings: [String] = []
    /// Textual inversions, in the order of their ids.
    private(set) var embeddings: [TextualInversion] = []
    /// The files by role, `lora:NAME` and `embedding:WORD`.
    private(set) var files: [String: [URL]] = [:]

    /// Adds something that people should know about the run.
    mutating func warn(_ text: String) {
        warnings.append(text)
    }

    /// No LoRA at all.
    init() {}

    /// Adds a file.
    ///
    /// - Parameters:
    ///   - unetStrength: multiplier of its changes in the UNet.
    ///   - textStrength: multiplier of its changes in the text encoders.
    ///   - blocks: further factors for parts of the model; nil: 1 everywhere.
    mutating func add(
        _ lora: LoRA, unetStrength: Double, textStrength: Double, blocks: BlockWeights? = nil
    ) {
        warnings += lora.warnings
        let url = URL(fileURLWithPath: lora.file.weightsPath)
        files["lora:\(url.deletingPathExtension().lastPathComponent)", default: []].append(url)
        for change in lora.changes {
            let network = change.target.network
            let whole = network == .unet ? unetStrength : textStrength
            let strength = Float(whole * (blocks?.factor(of: change.target) ?? 1))
            guard strength != 0 else { continue }
            let name = change.target.module + "." + change.tensor
            patches[network, default: [:]][name, default: []].append(
                WeightPatch(
                    identity: "\(lora.file.identity) \(strength)\(blocks?.identity ?? "")",
                    file: lora.file.path, module: change.target.module,
                    delta: change.delta, strength: strength))
        }
    }

    /// Adds a textual inversion.
    mutating func add(_ embedding: TextualInversion) {
        embeddings.append(embedding)
        files["embedding:\(embedding.token)"] = [embedding.url]
    }

    /// What tells these changes of a network from others; empty without changes.
    func signature(_ network: AdapterNetwork) -> [String] {
        // All tensors of a file have the same identities, in the order of the files.
        var seen: Set<String> = []
        var result: [String] = []
        for (_, list) in (patches[network] ?? [:]).sorted(by: { $0.key < $1.key }) {
            for patch in list where seen.insert(patch.identity).inserted {
                result.append(patch.identity)
            }
        }
        return result
    }
}
