import Generation
import Tensors

/// Prompts to embeddings, with both encoders and a memory of what was encoded before.
final class TextStage {
    private let checkpoint: Checkpoint
    private let compute: Compute
    private let keepsEncoders: Bool
    private let tokenizers: (first: CLIPTokenizer, second: CLIPTokenizer)
    private var encoders: (first: CLIPTextEncoder, second: CLIPTextEncoder)?
    private var encoded: [Key: EncodedPrompt] = [:]
    /// Keys from the least to the most recently used.
    private var order: [Key] = []
    private static let memory = 16

    private struct Key: Hashable {
        let text: PromptText?
        let chunks: Int
    }

    /// - Parameter keepsEncoders: whether the encoders stay in memory between prompts; otherwise
    ///   their weights pass through it layer by layer.
    init(_ checkpoint: Checkpoint, keepsEncoders: Bool, compute: Compute) throws {
        self.checkpoint = checkpoint
        self.compute = compute
        self.keepsEncoders = keepsEncoders
        tokenizers = (
            try checkpoint.textEncoder.tokenizer.load(padding: .endOfText),
            try checkpoint.textEncoder2.tokenizer.load(padding: .zero)
        )
    }

    /// The texts' embeddings, equally long; a nil text gives zeros where the checkpoint says so
    /// and an encoded empty prompt otherwise.
    func encode(_ texts: [PromptText?]) throws -> [EncodedPrompt] {
        let chunked = texts.map { $0.map(chunks) }
        let longest = chunked.compactMap { $0?.count }.max() ?? 1
        let results = try zip(texts, chunked).map { text, chunks in
            let key = Key(text: text, chunks: longest)
            if let known = encoded[key] {
                remember(known, key)
                return known
            }
            let made = try make(chunks, count: longest)
            remember(made, key)
            return made
        }
        if !keepsEncoders { encoders = nil }
        return results
    }

    private func remember(_ prompt: EncodedPrompt, _ key: Key) {
        order.removeAll { $0 == key }
        order.append(key)
        encoded[key] = prompt
        if order.count > Self.memory { encoded[order.removeFirst()] = nil }
    }

    /// One prompt's pieces for both encoders.
    private struct Chunks {
        var first: [PromptChunk]
        var second: [PromptChunk]
        let text: PromptText
        var count: Int { max(first.count, second.count) }
    }

    private func chunks(_ text: PromptText) -> Chunks {
        let (first, second) = chunkers(text)
        return Chunks(
            first: first.chunks(of: text.first), second: second.chunks(of: text.second),
            text: text)
    }

    private func chunkers(_ text: PromptText) -> (first: PromptChunker, second: PromptChunker) {
        (
            PromptChunker(tokenizer: tokenizers.first, weighting: text.weighting),
            PromptChunker(tokenizer: tokenizers.second, weighting: text.weighting)
        )
    }

    private func make(_ chunks: Chunks?, count: Int) throws -> EncodedPrompt {
        guard let chunks else { return try makeAbsent(count: count) }
        let encoders = try loadedEncoders()
        let chunkers = chunkers(chunks.text)
        let left = try WeightedEncoding(
            encoder: encoders.first, chunker: chunkers.first, compute: compute,
            skip: chunks.text.skip
        ).encode(chunkers.first.padded(chunks.first, to: count), wantsPooled: false)
        let right = try WeightedEncoding(
            encoder: encoders.second, chunker: chunkers.second, compute: compute,
            skip: chunks.text.skip
        ).encode(chunkers.second.padded(chunks.second, to: count), wantsPooled: true)
        let context = try compute.concatenateChannels([left.hidden, right.hidden])
        return EncodedPrompt(context: context, pooled: right.pooled)
    }

    private func makeAbsent(count: Int) throws -> EncodedPrompt {
        guard checkpoint.forcesZerosForEmptyPrompt else {
            let empty = PromptText(first: "", second: "", skip: 2, weighting: .none)
            return try make(chunks(empty), count: count)
        }
        let (first, second) = (
            checkpoint.textEncoder.network.configuration,
            checkpoint.textEncoder2.network.configuration
        )
        let shape = [
            1, count * tokenizers.first.configuration.maximumLength,
            first.hiddenSize + second.hiddenSize,
        ]
        let zeros = [Float](repeating: 0, count: shape.reduce(1, *))
        return EncodedPrompt(
            context: try compute.tensor(from: zeros, shape),
            pooled: [Float](repeating: 0, count: second.projectionSize ?? second.hiddenSize))
    }

    private func loadedEncoders() throws -> (first: CLIPTextEncoder, second: CLIPTextEncoder) {
        if let encoders { return encoders }
        let residence: WeightResidence = keepsEncoders ? .prepared : .streamed
        let first: CLIPTextEncoder = try checkpoint.textEncoder.network.load(
            compute, residence: residence)
        let second: CLIPTextEncoder = try checkpoint.textEncoder2.network.load(
            compute, residence: residence)
        encoders = (first, second)
        return (first, second)
    }
}
