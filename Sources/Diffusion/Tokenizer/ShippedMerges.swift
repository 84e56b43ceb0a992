import Foundation
import Settings

/// CLIP's merge rules as they ship with the program, for checkpoints that bring no tokenizer.
///
/// The file holds one pair of 16-bit token ids per rule, little endian, in order of rank; rule `i`
/// makes token `512 + i`. Tokens 0...255 are the bytes in the order of CLIP's alphabet, 256...511
/// the same at the end of a word. `Resources/README.md` names origin and licence.
enum ShippedMerges {
    static let file = "Resources/clip-merges.bin"
    /// Rules of CLIP's vocabulary: 49,408 tokens less 512 bytes and two special tokens.
    static let count = 48_894

    /// - Throws: ``TokenizerError/shippedMergesMissing`` or ``TokenizerError/malformed(file:reason:)``.
    static func encoder() throws -> BytePairEncoder {
        guard let url = ResourceLocator(target: "Diffusion").url(for: file) else {
            throw TokenizerError.shippedMergesMissing
        }
        let data = [UInt8](try TokenizerSettings.data(url))
        guard data.count == count * 4 else {
            throw TokenizerError.malformed(file: url.path, reason: "it has \(data.count) bytes")
        }
        var merges: [BytePairEncoder.Merge] = []
        merges.reserveCapacity(count)
        for rank in 0..<count {
            let at = rank * 4
            let left = Int32(data[at]) | Int32(data[at + 1]) << 8
            let right = Int32(data[at + 2]) | Int32(data[at + 3]) << 8
            guard left < 512 + rank, right < 512 + rank else {
                throw TokenizerError.malformed(
                    file: url.path, reason: "rule \(rank + 1) names a later token")
            }
            merges.append(.init(left: left, right: right, merged: Int32(512 + rank)))
        }
        let order = byteOrder
        return BytePairEncoder(
            byteTokens: order, finalByteTokens: order.map { $0 + 256 }, merges: merges)
    }

    /// Token of each byte: visible characters come first, in order, then all others.
    private static var byteOrder: [Int32] {
        let visible = [UInt8](0x21...0x7E) + [UInt8](0xA1...0xAC) + [UInt8](0xAE...0xFF)
        let others = (0...255).map { UInt8($0) }.filter { !visible.contains($0) }
        var tokens = [Int32](repeating: 0, count: 256)
        for (token, byte) in (visible + others).enumerated() {
            tokens[Int(byte)] = Int32(token)
        }
        return tokens
    }
}

extension CLIPTokenizer {
    /// What fills a sequence behind its end token.
    public enum Padding: Hashable, Sendable {
        /// The end token, as OpenAI's encoder (CLIP ViT-L) was trained.
        case endOfText
        /// Token 0, which is "!", as OpenCLIP's encoders (bigG) were trained. A "!" in the text is
        /// then that token too, as transformers has it.
        case zero
    }

    /// The tokenizer of CLIP's own vocabulary, which ships with the program.
    ///
    /// - Throws: ``TokenizerError`` when the data file is missing or damaged.
    public static func clip(padding: Padding) throws -> CLIPTokenizer {
        var added = [
            AddedToken(content: "<|startoftext|>", id: 49_406),
            AddedToken(content: "<|endoftext|>", id: 49_407),
        ]
        if padding == .zero { added.insert(AddedToken(content: "!", id: 0), at: 0) }
        return CLIPTokenizer(
            encoder: try ShippedMerges.encoder(), vocabularySize: 49_408,
            configuration: Configuration(
                beginID: 49_406, endID: 49_407, padID: padding == .zero ? 0 : 49_407),
            addedTokens: added)
    }
}
