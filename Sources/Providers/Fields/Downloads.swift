import Images

/// What holds for every fetched picture.
enum Downloads {
    /// - Throws: ``RemoteError`` for an answer that is no picture.
    static func check(_ response: HTTPResponse, service: String) throws {
        switch response.status {
        case 200..<300: break
        case 401, 403, 404, 410:
            throw RemoteError(
                .notFound,
                "The picture is no longer at the address that \(service) gave "
                    + "(\(response.status)); such links expire",
                hint: "run it again")
        case 300..<400:
            throw RemoteError(.untrustedAddress, "The picture's address redirects to nowhere")
        default:
            throw RemoteError(
                .service,
                "The picture cannot be fetched from where \(service) put it "
                    + "(\(response.status))", hint: "run it again later")
        }
        guard !response.body.isEmpty else {
            throw RemoteError(.malformed, "\(service) sent an empty picture")
        }
    }

    /// Whether bytes begin as PNG or JPEG do, or as a picture that we can at least name.
    static func isPicture(_ bytes: [UInt8]) -> Bool {
        if ImageFormat(firstBytes: bytes.prefix(16)) != nil { return true }
        return bytes.count > 12 && bytes.starts(with: "RIFF".utf8)
            && bytes[8..<12].elementsEqual("WEBP".utf8)
    }
}
