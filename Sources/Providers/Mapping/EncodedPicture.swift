import Foundation

/// Pictures inside JSON.
enum EncodedPicture {
    /// Bytes of base64, with or without a `data:` prefix.
    ///
    /// - Throws: ``RemoteError`` when it is no base64 or empty.
    static func bytes(_ text: String?, service: String) throws -> [UInt8] {
        guard let bytes = Base64Picture.decoded(text ?? ""), !bytes.isEmpty else {
            throw RemoteError(.malformed, "\(service) sent a picture that is no base64")
        }
        return bytes
    }
}
