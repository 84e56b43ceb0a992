import Foundation

/// A picture in base64, with or without a `data:` prefix.
enum Base64Picture {
    /// - Returns: nil when it is no base64, or not of a picture.
    static func bytes(_ text: String) -> [UInt8]? {
        guard let data = data(text) else { return nil }
        // Element by element this would take as long as the decoding.
        let bytes = data.withUnsafeBytes { Array($0) }
        return Downloads.isPicture(bytes) ? bytes : nil
    }

    /// What base64 holds, whatever it is; line breaks in it are skipped.
    static func data(_ text: String) -> Data? {
        var rest = Substring(text)
        if rest.hasPrefix("data:"), let comma = rest.firstIndex(of: ",") {
            rest = rest[rest.index(after: comma)...]
        }
        let base64 = String(rest)
        // The strict reader takes two thirds of the time, and nearly every server breaks no lines.
        return Data(base64Encoded: base64)
            ?? Data(base64Encoded: base64, options: .ignoreUnknownCharacters)
    }
}
