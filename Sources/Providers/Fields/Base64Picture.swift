import Foundation

/// A picture in base64, with or without a `data:` prefix.
enum Base64Picture {
    /// - Returns: nil when it is no base64, or not of a picture.
    static func bytes(_ text: String) -> [UInt8]? {
        var text = Substring(text)
        if text.hasPrefix("data:"), let comma = text.firstIndex(of: ",") {
            text = text[text.index(after: comma)...]
        }
        guard let data = Data(base64Encoded: String(text), options: .ignoreUnknownCharacters)
        else { return nil }
        let bytes = Array(data)
        return Downloads.isPicture(bytes) ? bytes : nil
    }
}
