import Generation
import Screen
import Studio
import Synchronization

/// The encoded pictures of what is on the screen. Encodes off the store's thread, one picture at a
/// time and none while the terminal still receives one: on a slow connection pictures are left out,
/// and the newest is the one that comes next.
final class PictureBoard: Sendable {
    private struct Content {
        var ready: [String: Shown] = [:]
        /// What was shown at a place last, kept until its successor is ready.
        var last: [Rect: Shown] = [:]
        var slots: [Rect: UInt8] = [:]
        var isEncoding = false
        /// Frames whose pictures are on their way.
        var sending = 0
        /// What the connection takes; nil until something was sent that tells.
        var bytesPerSecond: Double?
        /// No picture is encoded before: a slow connection gets time for text between pictures.
        var pauseUntil = 0.0
        var failed: Set<String> = []
    }

    private struct Shown {
        let graphic: PlacedGraphic
        let source: Source
    }

    /// What a picture was encoded from.
    private struct Source: Equatable {
        let image: PixelImage?
        let crop: Rect?
        let scale: Int?
        let cell: Size
    }

    private let encoder: PictureEncoder
    private let images: ImageStore
    private let inbox: EventInbox
    private let content = Mutex(Content())

    init(_ encoder: PictureEncoder, images: ImageStore, inbox: EventInbox) {
        self.encoder = encoder
        self.images = images
        self.inbox = inbox
    }

    /// The pictures that are ready for these places; the rest is encoded.
    func graphics(for placements: [ImagePlacement], cell: Size, now: Double) -> [PlacedGraphic] {
        guard encoder.showsPictures else { return [] }
        var missing: [ImagePlacement] = []
        let found = content.withLock { content in
            let keys = placements.map { PictureEncoder.key($0) + " \(cell.width)x\(cell.height)" }
            content.ready = content.ready.filter { keys.contains($0.key) }
            content.last = content.last.filter { area, _ in placements.contains { $0.area == area }
            }
            var found: [PlacedGraphic] = []
            for (placement, key) in zip(placements, keys) {
                if let shown = content.ready[key] {
                    content.last[placement.area] = shown
                    found.append(shown.graphic)
                } else {
                    if let old = content.last[placement.area] { found.append(old.graphic) }
                    if !content.failed.contains(key) { missing.append(placement) }
                }
            }
            return found
        }
        if !missing.isEmpty { encode(Self.batch(missing), cell: cell, now: now) }
        return found
    }

    /// Encodes again what is shown, with as many bytes as the connection takes by now.
    func renew() {
        content.withLock { content in
            content.ready = [:]
            content.last = [:]
            content.failed = []
        }
    }

    /// Notes that pictures are on their way to the terminal.
    func sending() { content.withLock { $0.sending += 1 } }

    /// Learns how long the terminal took for pictures: the next one waits as long again, so that
    /// at most half of the connection goes to pictures.
    func sent(_ bytes: Int, since start: Double, now: Double) {
        let isLast = content.withLock { content in
            content.sending -= 1
            content.pauseUntil = now + (now - start)
            // Less than that may lie in buffers on the way.
            if bytes > 32_768 { content.bytesPerSecond = Double(bytes) / max(now - start, 1e-4) }
            return content.sending == 0
        }
        if isLast { inbox.requestRender() }
    }

    /// What is encoded in one go: a large picture, and a handful of small ones, so that neither keeps
    /// the other waiting.
    private static func batch(_ missing: [ImagePlacement]) -> [ImagePlacement] {
        let isSmall = { (placement: ImagePlacement) in
            placement.area.width * placement.area.height <= 64
        }
        return Array(missing.filter { !isSmall($0) }.prefix(1))
            + Array(missing.filter(isSmall).prefix(8))
    }

    /// The most bytes of a picture: a preview is to be through between two keys, a finished
    /// picture in half a second; nil: as many as pictures of its size may have at all. One that
    /// cannot be cut off for a key is never longer on its way than a preview.
    private func byteLimit(for placement: ImagePlacement, in content: Content) -> Int? {
        guard let rate = content.bytesPerSecond else { return nil }
        let isShort = !encoder.canBeCut || ImageStore.isPreview(placement.imageID)
        return isShort
            ? max(Self.smallestPreview, Int(rate * 0.08))
            : max(Self.smallestPicture, Int(rate * 0.5))
    }

    private static let smallestPreview = 12_000
    /// Enough for 512x512, and to be measured: a terminal that had no time for a moment is not taken
    /// for a slow connection for ever.
    private static let smallestPicture = 128_000

    private func encode(_ placements: [ImagePlacement], cell: Size, now: Double) {
        let plan: (limits: [Int?], pause: Double)? = content.withLock { content in
            guard !content.isEncoding, content.sending == 0 else { return nil }
            content.isEncoding = true
            return (
                placements.map { byteLimit(for: $0, in: content) },
                max(0, content.pauseUntil - now)
            )
        }
        guard let plan else { return }
        Task.detached(priority: .userInitiated) { [self] in
            if plan.pause > 0.001 { try? await Task.sleep(for: .seconds(plan.pause)) }
            // After a pause there may be something newer: then these are left out.
            if plan.pause <= 0.02 {
                for (placement, limit) in zip(placements, plan.limits) {
                    encode(placement, cell: cell, limit: limit)
                }
            }
            content.withLock { $0.isEncoding = false }
            inbox.requestRender()
        }
    }

    private func encode(_ placement: ImagePlacement, cell: Size, limit: Int?) {
        let key = PictureEncoder.key(placement) + " \(cell.width)x\(cell.height)"
        let source = Source(
            image: images.image(placement.imageID), crop: placement.crop, scale: placement.scale,
            cell: cell)
        let slot: UInt8? = content.withLock { content in
            if encoder.namesPictures, let last = content.last[placement.area],
                last.source == source
            {
                content.ready[key] = last
                return nil
            }
            return Self.slot(for: placement.area, in: &content)
        }
        guard let slot else { return }
        let graphic = source.image.flatMap {
            encoder.encode($0, for: placement, cell: cell, slot: slot, byteLimit: limit)
        }
        keep(graphic.map { Shown(graphic: $0, source: source) }, for: placement, key)
    }

    private func keep(_ shown: Shown?, for placement: ImagePlacement, _ key: String) {
        content.withLock { content in
            if let last = content.last[placement.area], let shown,
                last.graphic.parts == shown.graphic.parts
            {
                // Another name for what is shown already: nothing is sent.
                content.ready[key] = last
            } else if let shown {
                content.ready[key] = shown
                // Shown even when something newer is wanted by now: previews that come faster than
                // they are encoded would else never be seen.
                content.last[placement.area] = shown
            } else {
                if content.failed.count > 100 { content.failed = [] }
                content.failed.insert(key)
            }
        }
    }

    /// A number for the next picture of a place, one of two in turn: what is shown stays until its
    /// successor has arrived.
    private static func slot(for area: Rect, in content: inout Content) -> UInt8 {
        if content.slots[area] == nil, content.slots.count >= 127 { content.slots = [:] }
        let slot =
            content.slots[area].map(PictureEncoder.partner) ?? UInt8(content.slots.count * 2 + 1)
        content.slots[area] = slot
        return slot
    }
}
