import Foundation

/// Pictures inside JSON.
enum EncodedPicture {
    /// Bytes of base64, with or without a `data:` prefix.
    ///
    /// - Throws: ``RemoteError`` when it is no base64 or empty.
    static func bytes(_ text: String?, service: String) throws -> [UInt8] {
        guard let data = Base64Picture.data(text ?? ""), !data.isEmpty else {
            throw RemoteError(.malformed, "\(service) sent a picture that is no base64")
        }
        return data.withUnsafeBytes { Array($0) }
    }
}
