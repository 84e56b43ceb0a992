/// CLIP's tokenizer: text to the tokens that a text encoder reads.
///
/// Gives the ids of transformers 5 (`CLIPTokenizer`) for any vocabulary: canonical composition,
/// white space collapsed, lower case, words cut by CLIP's pattern, byte-level byte pair encoding.
/// Load one with ``load(folder:)``, or ``clip(padding:)`` for a checkpoint that brings none.
public struct CLIPTokenizer: Sendable {
    /// The special tokens and the length that an encoder expects.
    public struct Configuration: Hashable, Sendable {
        /// Tokens per sequence, begin and end included; 77 for CLIP.
        public var maximumLength: Int
        /// `<|startoftext|>`.
        public var beginID: Int
        /// `<|endoftext|>`.
        public var endID: Int
        /// Fills a sequence up to its length: the end token, or 0 for OpenCLIP's encoder.
        public var padID: Int

        /// Token ids as the encoder knows them.
        public init(maximumLength: Int = 77, beginID: Int, endID: Int, padID: Int) {
            self.maximumLength = maximumLength
            self.beginID = beginID
            self.endID = endID
            self.padID = padID
        }
    }

    /// A token and the part of the source text that it stands for.
    public struct Token: Hashable, Sendable {
        /// Row of the encoder's embedding table.
        public var id: Int
        /// UTF-8 offsets in the source text. Tokens that share a scalar share its bytes.
        public var range: Range<Int>
        /// Tokens from this one on that must not be parted: more than 1 at the first vector of a
        /// textual inversion.
        public var together = 1
    }

    /// Special tokens and length.
    public let configuration: Configuration
    /// One more than the largest token id.
    public let vocabularySize: Int
    /// Tokens found in the text as they stand, special ones among them.
    public private(set) var addedTokens: [AddedToken]

    private let encoder: BytePairEncoder
    private var literalMatcher: AddedTokenMatcher
    private var normalizedMatcher: AddedTokenMatcher
    /// Token of `,` at the end of a word, at which A1111 prefers to end a chunk.
    public let commaID: Int

    init(
        encoder: BytePairEncoder, vocabularySize: Int, configuration: Configuration,
        addedTokens: [AddedToken]
    ) {
        self.encoder = encoder
        self.vocabularySize = vocabularySize
        self.configuration = configuration
        self.addedTokens = addedTokens
        literalMatcher = AddedTokenMatcher(addedTokens.filter { !$0.isNormalized })
        normalizedMatcher = AddedTokenMatcher(addedTokens.filter(\.isNormalized))
        var workspace = BytePairEncoder.Workspace()
        encoder.encode([0x2C], into: &workspace)
        commaID = Int(workspace.tokens.first ?? -1)
    }

    /// The tokenizer with more tokens that are found as they stand, such as those of a textual
    /// inversion. A token with the same content replaces the earlier one.
    public func adding(_ tokens: [AddedToken]) -> CLIPTokenizer {
        var copy = self
        let contents = Set(tokens.map(\.content))
        copy.addedTokens = addedTokens.filter { !contents.contains($0.content) } + tokens
        copy.literalMatcher = AddedTokenMatcher(copy.addedTokens.filter { !$0.isNormalized })
        copy.normalizedMatcher = AddedTokenMatcher(copy.addedTokens.filter(\.isNormalized))
        return copy
    }

    /// The tokens of `text`, without begin and end, not cut.
    public func encode(_ text: String) -> [Int] {
        tokens(of: text).map(\.id)
    }

    /// The tokens of `text` with the places they come from, without begin and end, not cut.
    public func tokens(of text: String) -> [Token] {
        let source = ScalarText(text)
        var result: [Token] = []
        result.reserveCapacity(source.count / 3)
        var words = WordEncoding()
        for piece in literalMatcher.split(source, 0..<source.count) where !piece.range.isEmpty {
            if let id = piece.id {
                result += Self.vectors(id, piece.count, source.sourceRange(piece.range))
                continue
            }
            let normalized = source.normalized(piece.range)
            for inner in normalizedMatcher.split(normalized, 0..<normalized.count) {
                if let id = inner.id {
                    result += Self.vectors(
                        id, inner.count, normalized.sourceRange(inner.range))
                } else {
                    words.encode(normalized, inner.range, with: encoder, into: &result)
                }
            }
        }
        return result
    }

    /// The tokens of an added token, which share its place in the text.
    private static func vectors(_ id: Int, _ count: Int, _ range: Range<Int>) -> [Token] {
        (0..<max(1, count)).map {
            Token(id: id + $0, range: range, together: $0 == 0 ? max(1, count) : 1)
        }
    }

    /// The sequence an encoder reads, always `maximumLength` long: begin, as many tokens as fit,
    /// end, padding. What does not fit is cut, as diffusers does.
    public func paddedIDs(_ text: String) -> [Int] {
        let content = encode(text).prefix(max(0, configuration.maximumLength - 2))
        let ids = [configuration.beginID] + content + [configuration.endID]
        let padding = max(0, configuration.maximumLength - ids.count)
        return ids + [Int](repeating: configuration.padID, count: padding)
    }
}

/// Encodes words of normalised text and finds the source bytes of their tokens.
private struct WordEncoding {
    private var bytes: [UInt8] = []
    /// For each byte of the word, the index of its scalar.
    private var scalarOfByte: [Int] = []
    private var workspace = BytePairEncoder.Workspace()

    mutating func encode(
        _ text: ScalarText, _ range: Range<Int>, with encoder: BytePairEncoder,
        into result: inout [CLIPTokenizer.Token]
    ) {
        WordSplitter.forEachWord(in: text, range) { word in
            bytes.removeAll(keepingCapacity: true)
            scalarOfByte.removeAll(keepingCapacity: true)
            for index in word {
                appendUTF8(text.scalars[index])
                while scalarOfByte.count < bytes.count { scalarOfByte.append(index) }
            }
            workspace.tokens.removeAll(keepingCapacity: true)
            workspace.starts.removeAll(keepingCapacity: true)
            encoder.encode(bytes[...], into: &workspace)
            for (index, token) in workspace.tokens.enumerated() {
                let isLast = index + 1 == workspace.tokens.count
                let endByte = isLast ? bytes.count : Int(workspace.starts[index + 1])
                let first = scalarOfByte[Int(workspace.starts[index])]
                let last = scalarOfByte[endByte - 1]
                result.append(
                    CLIPTokenizer.Token(
                        id: Int(token), range: text.sourceRange(first..<(last + 1))))
            }
        }
    }

    private mutating func appendUTF8(_ scalar: UInt32) {
        switch scalar {
        case 0..<0x80:
            bytes.append(UInt8(scalar))
        case 0x80..<0x800:
            bytes.append(UInt8(0xC0 | scalar >> 6))
            bytes.append(UInt8(0x80 | scalar & 0x3F))
        case 0x800..<0x10000:
            bytes.append(UInt8(0xE0 | scalar >> 12))
            bytes.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            bytes.append(UInt8(0x80 | scalar & 0x3F))
        default:
            bytes.append(UInt8(0xF0 | scalar >> 18))
            bytes.append(UInt8(0x80 | scalar >> 12 & 0x3F))
            bytes.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            bytes.append(UInt8(0x80 | scalar & 0x3F))
        }
    }
}
