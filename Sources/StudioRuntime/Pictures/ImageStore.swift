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
        /// Pictures that are kept whatever comes.
        var kept: Set<String> = []

        /// The least recently used picture that may go. Small ones stay: there are many of them, and
        /// together they are less than one large one.
        var victim: String? {
            let old = order.dropLast()
            return old.first { !kept.contains($0) && (images[$0]?.rgb.count ?? 0) > 1 << 16 }
                ?? old.first { !kept.contains($0) }
        }
    }

    private let limit: Int
    private let content = Mutex(Content())

    /// Keeps at most `limit` bytes of pixels, and always the newest picture.
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
            content.bytes += image.rgb.count
            while content.bytes > limit, let victim = content.victim {
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

    private static func remove(_ id: String, from content: inout Content) {
        guard let image = content.images.removeValue(forKey: id) else { return }
        content.bytes -= image.rgb.count
        content.order.removeAll { $0 == id }
    }
}
