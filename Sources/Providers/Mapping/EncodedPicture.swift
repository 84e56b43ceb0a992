import Foundation

/// Pictures inside JSON.
enum EncodedPicture {
    /// Bytes of base64, with or without a `data:` prefix.
    ///
    /// - Throws: ``RemoteError`` when it is no base64 or empty.
    static func bytes(_ text: String?, service: String) throws -> [UInt8] {
        var rest = Substring(text ?? "")
        if rest.hasPrefix("data:"), let comma = rest.firstIndex(of: ",") {
            rest = rest[rest.index(after: comma)...]
        }
        guard
            let data = Data(base64Encoded: String(rest), options: .ignoreUnknownCharacters),
            !data.isEmpty
        else { throw RemoteError(.malformed, "\(service) sent a picture that is no base64") }
        return Array(data)
    }
}
