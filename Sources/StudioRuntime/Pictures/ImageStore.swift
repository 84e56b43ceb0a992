import Generation
import Studio
import Synchronization

/// Pixels of the pictures that the state refers to. Previews push each other out; a picture that is
/// shown again is kept longer.
final class ImageStore: Sendable {
    private struct Content {
        var images: [String: PixelImage] = [:]
        /// Least recently used first.
        var order: [String] = []
        var bytes = 0
        /// Bytes of pictures of at most `small` bytes.
        var smallBytes = 0
        /// Pictures that are kept whatever comes.
        var kept: Set<String> = []

        /// The least recently used picture that may go, one of the small ones or of the others.
        func victim(isSmall: Bool) -> String? {
            order.dropLast().first { id in
                !kept.contains(id) && images[id].map(ImageStore.isSmall) == isSmall
            }
        }
    }

    /// Whether a picture is one of the many beside the history: those push only each other out.
    private static func isSmall(_ image: PixelImage) -> Bool { image.rgb.count <= 1 << 16 }

    private let limit: Int
    private let content = Mutex(Content())

    /// Keeps at most `limit` bytes of pixels, one in 32 of them for small pictures, and always the
    /// newest picture.
    init(limit: Int = 256 << 20) { self.limit = limit }

    /// The name of a look at a picture that is still being made.
    static func previewID(_ picture: Int, of job: Int, step: Int) -> String {
        "job \(job) \(picture) step \(step)"
    }

    /// Whether a name is one of ``previewID(_:of:step:)``.
    static func isPreview(_ id: String) -> Bool { id.contains(" step ") }

    /// Keeps a picture under a name.
    func store(_ image: PixelImage, as id: String) -> ImageReference {
        content.withLock { content in
            Self.remove(id, from: &content)
            content.images[id] = image
            content.order.append(id)
            Self.count(image, 1, in: &content)
            while content.smallBytes > limit / 32, let victim = content.victim(isSmall: true) {
                Self.remove(victim, from: &content)
            }
            while content.bytes - content.smallBytes > limit - limit / 32,
                let victim = content.victim(isSmall: false)
            {
                Self.remove(victim, from: &content)
            }
        }
        return ImageReference(id: id, width: image.width, height: image.height)
    }

    /// The pixels of a name, as long as they are kept.
    func image(_ id: String) -> PixelImage? {
        content.withLock { content in
            guard let image = content.images[id] else { return nil }
            if let index = content.order.firstIndex(of: id) { content.order.remove(at: index) }
            content.order.append(id)
            return image
        }
    }

    /// Keeps these pictures, and no longer those of the last call.
    func keep(_ ids: Set<String>) {
        content.withLock { $0.kept = ids }
    }

    /// Forgets a picture.
    func remove(_ id: String) {
        content.withLock { if !$0.kept.contains(id) { Self.remove(id, from: &$0) } }
    }

    private static func count(_ image: PixelImage, _ sign: Int, in content: inout Content) {
        content.bytes += sign * image.rgb.count
        if isSmall(image) { content.smallBytes += sign * image.rgb.count }
    }

    private static func remove(_ id: String, from content: inout Content) {
        guard let image = content.images.removeValue(forKey: id) else { return }
        count(image, -1, in: &content)
        content.order.removeAll { $0 == id }
    }
}
