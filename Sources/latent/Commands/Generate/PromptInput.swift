import Foundation
import Generation

/// Reads a prompt from stdin for `-`.
enum PromptInput {
    /// Bytes that are read before the rest is refused: more than any request accepts.
    static let maximumBytes = GenerationRequest.maximumPromptBytes

    /// The prompt: the argument itself, or all of `input` when the argument is `-`.
    ///
    /// One line end at the end is not part of the prompt.
    ///
    /// - Throws: ``PromptInputError``.
    static func prompt(_ argument: String?, input: FileHandle = .standardInput) throws -> String? {
        guard argument == "-" else { return argument }
        var data = Data()
        while data.count <= maximumBytes {
            guard let piece = try? input.read(upToCount: 1 << 16), !piece.isEmpty else { break }
            data.append(piece)
        }
        return try text(data)
    }

    /// Bytes as a prompt.
    static func text(_ data: Data) throws -> String {
        guard data.count <= maximumBytes else { throw PromptInputError.tooLong }
        guard var text = String(validating: data, as: UTF8.self) else {
            throw PromptInputError.notUTF8
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}

/// Why stdin is no prompt.
enum PromptInputError: UserFacingError, Hashable {
    case tooLong
    case notUTF8

    var summary: String {
        switch self {
        case .tooLong: "stdin is longer than \(PromptInput.maximumBytes) bytes"
        case .notUTF8: "stdin is not valid UTF-8"
        }
    }

    var hint: String? {
        switch self {
        case .tooLong: "a prompt has at most \(PromptInput.maximumBytes) bytes"
        case .notUTF8: "convert it, for example with iconv"
        }
    }
}
