import Foundation

/// A `multipart/form-data` body, read strictly.
public struct WireForm: Sendable {
    /// One field.
    public struct Part: Sendable {
        public let name: String
        public let file: String?
        public let type: String?
        public let bytes: [UInt8]

        /// The bytes as text.
        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// In order.
    public let parts: [Part]

    /// nil when the framing is broken.
    public init?(_ request: RecordedRequest) {
        guard request.mediaType == "multipart/form-data",
            let type = request.value(of: "content-type"),
            let mark = type.range(of: "boundary=")
        else { return nil }
        let boundary = type[mark.upperBound...].trimmingCharacters(in: ["\""])
        // Latin-1 keeps every byte as one character.
        guard let body = String(bytes: request.body, encoding: .isoLatin1),
            body.hasPrefix("--\(boundary)\r\n"), body.hasSuffix("\r\n--\(boundary)--\r\n")
        else { return nil }
        let inner = body.dropLast("\r\n--\(boundary)--\r\n".count)
        var parts: [Part] = []
        for piece in ("\r\n" + inner).components(separatedBy: "\r\n--\(boundary)\r\n").dropFirst() {
            guard let part = Self.part(piece) else { return nil }
            parts.append(part)
        }
        self.parts = parts
    }

    /// The field of that name.
    public subscript(name: String) -> Part? { parts.first { $0.name == name } }

    private static func part(_ piece: String) -> Part? {
        guard let gap = piece.range(of: "\r\n\r\n") else { return nil }
        var name: String?
        var file: String?
        var type: String?
        for line in piece[..<gap.lowerBound].components(separatedBy: "\r\n") {
            let lower = line.lowercased()
            if lower.hasPrefix("content-disposition: form-data;") {
                name = quoted("name", line)
                file = quoted("filename", line)
            } else if lower.hasPrefix("content-type: ") {
                type = String(line.dropFirst(14))
            }
        }
        guard let name, let bytes = piece[gap.upperBound...].data(using: .isoLatin1) else {
            return nil
        }
        return Part(name: name, file: file, type: type, bytes: Array(bytes))
    }

    private static func quoted(_ key: String, _ line: String) -> String? {
        guard let start = line.range(of: " \(key)=\"") else { return nil }
        return line[start.upperBound...].split(separator: "\"", omittingEmptySubsequences: false)
            .first.map(String.init)
    }
}
