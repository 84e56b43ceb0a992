import Images

/// The answer of `txt2img` and `img2img`.
struct A1111Answer: Sendable {
    private let images: [String]
    /// `info`, which is JSON inside a string, or empty.
    private let info: JSONValue?

    /// - Throws: ``RemoteError`` when there is no list of pictures.
    init(_ response: HTTPResponse) throws {
        guard let json = response.json, let elements = json["images"]?.elements else {
            throw RemoteError(.malformed, "A1111 answers without a list of pictures")
        }
        images = elements.compactMap(\.text)
        info = json["info"]?.text.flatMap { JSONValue(parsing: $0) } ?? json["info"]
    }

    /// The picture itself, behind a grid when there is one.
    ///
    /// - Throws: ``RemoteError`` when there is none.
    func picture(index: Int, askedSeed: UInt64?) throws -> RemotePicture {
        let first = info?["index_of_first_image"]?.integer ?? 0
        guard !images.isEmpty else {
            throw RemoteError(
                .failed, "A1111 answers without a picture",
                hint: "look at the server's own messages")
        }
        let text = images.indices.contains(first) ? images[first] : images[0]
        let seed = info?["all_seeds"]?[0]?.unsigned ?? info?["seed"]?.unsigned ?? askedSeed
        return RemotePicture(
            index: index, seed: seed, bytes: try EncodedPicture.bytes(text, service: "A1111"))
    }
}
