import Generation
import Tensors

/// Prompts to embeddings, with one or both encoders and a memory of what was encoded before.
final class TextStage {
    private let checkpoint: Checkpoint
    private let compute: Compute
    private let keepsEncoders: Bool
    /// One per encoder that the model has, in order.
    private var parts: [Part]
    private var encoders: [CLIPTextEncoder]?
    private var encoded: [Key: EncodedPrompt] = [:]
    /// Keys from the least to the most recently used.
    private var order: [Key] = []
    private static let memory = 16
    private var adapters = AdapterSet()
    private var signature: [String]

    private struct Key: Hashable {
        let text: PromptText?
        let chunks: Int
        /// The LoRAs on the encoders.
        let adapters: [String]
    }

    /// An encoder's place: its weights, its tokenizer and which of the texts it reads.
    private struct Part {
        let place: AdapterNetwork
        let network: Checkpoint.Network<CLIPTextConfiguration>
        /// The model's own.
        let ownTokenizer: CLIPTokenizer
        /// With the words of textual inversions.
        var tokenizer: CLIPTokenizer
        var addedVectors = AddedVectors()
        let text: KeyPath<PromptText, String>
        /// Whether its pooled vector is told to the UNet.
        let isPooled: Bool

        init(
            _ place: AdapterNetwork, _ text: Checkpoint.Text, padding: CLIPTokenizer.Padding,
            reads: KeyPath<PromptText, String>, isPooled: Bool
        ) throws {
            self.place = place
            network = text.network
            ownTokenizer = try text.tokenizer.load(padding: padding)
            tokenizer = ownTokenizer
            self.text = reads
            self.isPooled = isPooled
        }

        /// Makes words of textual inversions, in their order.
        mutating func use(_ embeddings: [TextualInversion]) {
            let first = max(ownTokenizer.vocabularySize, network.configuration.vocabularySize)
            var tokens: [AddedToken] = []
            addedVectors = AddedVectors(firstID: first)
            for embedding in embeddings {
                guard let table = embedding.vectors[place] else { continue }
                tokens += AddedToken.words(
                    embedding.token, id: first + addedVectors.count, count: table.shape[0])
                addedVectors.values += table.floats()
                addedVectors.count += table.shape[0]
            }
            tokenizer = tokens.isEmpty ? ownTokenizer : ownTokenizer.adding(tokens)
        }

        func chunker(_ weighting: PromptWeighting) -> PromptChunker {
            PromptChunker(tokenizer: tokenizer, weighting: weighting)
        }
    }

    /// - Parameter keepsEncoders: whether the encoders stay in memory between prompts; otherwise
    ///   their weights pass through it layer by layer.
    init(_ checkpoint: Checkpoint, keepsEncoders: Bool, compute: Compute) throws {
        self.checkpoint = checkpoint
        self.compute = compute
        self.keepsEncoders = keepsEncoders
        var parts: [Part] = []
        if let text = checkpoint.textEncoder {
            let isOpenCLIP = checkpoint.family == .stableDiffusion2
            let padding = isOpenCLIP ? CLIPTokenizer.Padding.zero : .endOfText
            parts.append(
                try Part(.textEncoder, text, padding: padding, reads: \.first, isPooled: false))
        }
        if let text = checkpoint.textEncoder2 {
            // A refiner reads the first text, never the second, as in diffusers.
            parts.append(
                try Part(
                    .textEncoder2, text, padding: .zero,
                    reads: parts.isEmpty ? \.first : \.second, isPooled: true))
        }
        self.parts = parts
        signature = parts.map { _ in "" } + [""]
    }

    /// The texts' embeddings, equally long; a nil text gives zeros where the checkpoint says so
    /// and an encoded empty prompt otherwise.
    func encode(_ texts: [PromptText?]) throws -> [EncodedPrompt] {
        let chunked = texts.map { $0.map(chunks) }
        let longest = chunked.compactMap { $0?.map(\.count).max() }.max() ?? 1
        let results = try zip(texts, chunked).map { text, chunks in
            let key = Key(text: text, chunks: longest, adapters: signature)
            if let known = encoded[key] {
                remember(known, key)
                return known
            }
            let made = try make(text, chunks, count: longest)
            remember(made, key)
            return made
        }
        if !keepsEncoders { encoders = nil }
        return results
    }

    /// Puts LoRAs on the encoders and makes words of textual inversions; texts that were read with
    /// others are kept for later.
    func use(_ adapters: AdapterSet) {
        let words = adapters.embeddings.map(\.identity)
        let signature = parts.flatMap { [""] + adapters.signature($0.place) } + [""] + words
        if signature != self.signature {
            encoders = nil
            for index in parts.indices { parts[index].use(adapters.embeddings) }
        }
        self.signature = signature
        self.adapters = adapters
    }

    private func remember(_ prompt: EncodedPrompt, _ key: Key) {
        order.removeAll { $0 == key }
        order.append(key)
        encoded[key] = prompt
        if order.count > Self.memory { encoded[order.removeFirst()] = nil }
    }

    /// A prompt's pieces for each encoder.
    private func chunks(_ text: PromptText) -> [[PromptChunk]] {
        parts.map { $0.chunker(text.weighting).chunks(of: text[keyPath: $0.text]) }
    }

    private func make(
        _ text: PromptText?, _ chunks: [[PromptChunk]]?, count: Int
    ) throws -> EncodedPrompt {
        guard let text, let chunks else { return try makeAbsent(count: count) }
        var states: [Tensor] = []
        var pooled: [Float] = []
        for (index, encoder) in try loadedEncoders().enumerated() {
            let part = parts[index]
            let chunker = part.chunker(text.weighting)
            let encoding = WeightedEncoding(
                encoder: encoder, chunker: chunker, compute: compute, skip: text.skip,
                normalizes: checkpoint.family.normalizesStates)
            let result = try encoding.encode(
                chunker.padded(chunks[index], to: count), wantsPooled: part.isPooled)
            states.append(result.hidden)
            if part.isPooled { pooled = result.pooled }
        }
        let context = states.count == 1 ? states[0] : try compute.concatenateChannels(states)
        return EncodedPrompt(context: context, pooled: pooled)
    }

    private func makeAbsent(count: Int) throws -> EncodedPrompt {
        guard checkpoint.forcesZerosForEmptyPrompt else {
            let empty = PromptText(
                first: "", second: "", skip: checkpoint.family.clipSkip, weighting: .none)
            return try make(empty, chunks(empty), count: count)
        }
        let configurations = checkpoint.encoders
        let length = parts.first?.tokenizer.configuration.maximumLength ?? 0
        let shape = [1, count * length, configurations.reduce(0) { $0 + $1.hiddenSize }]
        let zeros = [Float](repeating: 0, count: shape.reduce(1, *))
        let pooled = checkpoint.textEncoder2?.network.configuration
        return EncodedPrompt(
            context: try compute.tensor(from: zeros, shape),
            pooled: [Float](
                repeating: 0, count: pooled.map { $0.projectionSize ?? $0.hiddenSize } ?? 0))
    }

    private func loadedEncoders() throws -> [CLIPTextEncoder] {
        if let encoders { return encoders }
        let residence: WeightResidence = keepsEncoders ? .prepared : .streamed
        let loaded: [CLIPTextEncoder] = try parts.map {
            let encoder: CLIPTextEncoder = try $0.network
                .patched(adapters.patches[$0.place] ?? [:]).load(
                    compute, residence: residence)
            encoder.addedVectors = $0.addedVectors
            return encoder
        }
        encoders = loaded
        return loaded
    }
}
