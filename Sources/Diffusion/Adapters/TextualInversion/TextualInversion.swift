import Foundation
import Tensors

/// A textual inversion (Gal et al. 2022): vectors that stand for a word, one table per encoder.
struct TextualInversion: Sendable {
    /// The word in the prompt.
    let token: String
    let url: URL
    /// `[count, width]` for each encoder of the model.
    let vectors: [AdapterNetwork: StoredTensor]
    /// Tells file and word from others.
    let identity: String

    /// Names of tensors by encoder, as kohya, A1111 and diffusers write them.
    private static let names: [(String, AdapterNetwork)] = [
        ("clip_l", .textEncoder), ("clip_g", .textEncoder2),
        ("text_encoders_0", .textEncoder), ("text_encoders_1", .textEncoder2),
    ]
    /// Vectors of one word at most.
    static let maximumCount = 75

    /// Opens a file for `checkpoint`.
    ///
    /// - Throws: ``WeightsError``, ``AdapterError`` when it was made for another model.
    init(token: String, _ url: URL, for checkpoint: Checkpoint) throws {
        self.token = token
        self.url = url
        let file = try SafetensorsFile(path: url.path)
        identity = "\(token) \(AdapterFile.identity(of: url.path))"
        let named = try Self.tables(file)
        let encoders: [(AdapterNetwork, Int)] = [
            (.textEncoder, checkpoint.textEncoder?.network.configuration.hiddenSize),
            (.textEncoder2, checkpoint.textEncoder2?.network.configuration.hiddenSize),
        ].compactMap { network, width in width.map { (network, $0) } }
        var vectors: [AdapterNetwork: StoredTensor] = [:]
        for (network, width) in encoders {
            // A table without a name belongs to the only encoder.
            guard let table = named[network] ?? (encoders.count == 1 ? named[nil] : nil) else {
                throw Self.misfit(named, url, checkpoint, missing: network)
            }
            guard table.shape[1] == width else {
                throw Self.misfit(named, url, checkpoint, missing: nil)
            }
            guard table.floats().allSatisfy(\.isFinite) else {
                throw AdapterError.notFinite(file: url.path)
            }
            vectors[network] = table
        }
        self.vectors = vectors
    }

    /// Tables by encoder, nil where the name does not tell.
    private static func tables(_ file: SafetensorsFile) throws -> [AdapterNetwork?: StoredTensor] {
        var result: [AdapterNetwork?: StoredTensor] = [:]
        var unnamed: [SafetensorsFile.Entry] = []
        for entry in file.entries.values.sorted(by: { $0.name < $1.name }) {
            if let network = names.first(where: { $0.0 == entry.name })?.1 {
                result[network] = try table(entry, in: file)
            } else {
                unnamed.append(entry)
            }
        }
        if result.isEmpty, unnamed.count == 1 { result[nil] = try table(unnamed[0], in: file) }
        guard !result.isEmpty else {
            throw AdapterError.notAnAdapter(
                file: file.path,
                reason: "a textual inversion has one table of vectors per encoder (clip_l, clip_g "
                    + "or emb_params), and this file has \(file.entries.count) other tensors")
        }
        return result
    }

    private static func table(
        _ entry: SafetensorsFile.Entry, in file: SafetensorsFile
    ) throws -> StoredTensor {
        let stored = try CheckpointTensor(file: file, entry: entry).stored()
        let shape = stored.shape.count == 1 ? [1] + stored.shape : stored.shape
        guard shape.count == 2, (1...maximumCount).contains(shape[0]) else {
            throw WeightsError.badTensor(
                file: file.path, tensor: entry.name,
                reason: "is \(entry.shape), and 1 to \(maximumCount) vectors are needed")
        }
        return stored.reshaped(shape)
    }

    private static func misfit(
        _ tables: [AdapterNetwork?: StoredTensor], _ url: URL, _ checkpoint: Checkpoint,
        missing: AdapterNetwork?
    ) -> AdapterError {
        let made = AdapterBase.family(ofTables: tables.mapValues { $0.shape[1] })
        if let made, made != checkpoint.family {
            return .otherBase(
                file: url.path, madeFor: made.title, model: checkpoint.family.title)
        }
        if let missing {
            let name = names.first { $0.1 == missing }?.0 ?? ""
            return .missingPair(file: url.path, names: ["no \(name) for the other encoder"])
        }
        let widths = tables.values.map { String($0.shape[1]) }.sorted()
        return .notAnAdapter(
            file: url.path,
            reason: "its vectors are \(widths.joined(separator: " and ")) wide, and the model's "
                + "encoders \(checkpoint.encoders.map { String($0.hiddenSize) }.joined(separator: " and "))"
        )
    }
}

extension AdapterBase {
    /// The kind of model that tables of these widths were made for, nil for unusual ones.
    static func family(ofTables widths: [AdapterNetwork?: Int]) -> ModelFamily? {
        if let first = widths[.textEncoder], let second = widths[.textEncoder2] {
            return (first, second) == (768, 1280) ? .sdxl : nil
        }
        if widths[.textEncoder2] != nil { return .sdxlRefiner }
        switch widths[nil] ?? widths[.textEncoder] {
        case 768: return .stableDiffusion1
        case 1024: return .stableDiffusion2
        case 1280: return .sdxlRefiner
        default: return nil
        }
    }
}
