import Screen
import Studio
import Synchronization

/// The encoded pictures of what is on the screen. Encodes off the store's thread, one picture at a
/// time; a newer picture for a place replaces one that was not begun.
final class PictureBoard: Sendable {
    private struct Content {
        var ready: [String: PlacedGraphic] = [:]
        /// What was shown at a place last, kept until its successor is ready.
        var last: [Rect: PlacedGraphic] = [:]
        var slots: [Rect: UInt8] = [:]
        var isEncoding = false
        /// No picture is encoded before: a slow connection gets time for text between pictures.
        var pauseUntil = 0.0
        var failed: Set<String> = []
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
                if let graphic = content.ready[key] {
                    content.last[placement.area] = graphic
                    found.append(graphic)
                } else {
                    if let old = content.last[placement.area] { found.append(old) }
                    if !content.failed.contains(key) { missing.append(placement) }
                }
            }
            return found
        }
        if !missing.isEmpty { encode(Self.batch(missing), cell: cell, now: now) }
        return found
    }

    /// Learns how long the terminal took for pictures: the next one waits three times as long, so
    /// that at most a quarter of the connection goes to pictures.
    func sent(since start: Double, now: Double) {
        content.withLock { $0.pauseUntil = now + 3 * (now - start) }
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

    private func encode(_ placements: [ImagePlacement], cell: Size, now: Double) {
        let plan: (slots: [UInt8], pause: Double)? = content.withLock { content in
            guard !content.isEncoding else { return nil }
            content.isEncoding = true
            return (
                placements.map { Self.slot(for: $0.area, in: &content) },
                max(0, content.pauseUntil - now)
            )
        }
        guard let plan else { return }
        Task.detached(priority: .userInitiated) { [self] in
            if plan.pause > 0.001 { try? await Task.sleep(for: .seconds(plan.pause)) }
            // After a pause there may be something newer: then these are left out.
            if plan.pause <= 0.02 {
                for (placement, slot) in zip(placements, plan.slots) {
                    let graphic = images.image(placement.imageID).flatMap {
                        encoder.encode($0, for: placement, cell: cell, slot: slot)
                    }
                    let key = PictureEncoder.key(placement) + " \(cell.width)x\(cell.height)"
                    keep(graphic, for: placement, key)
                }
            }
            content.withLock { $0.isEncoding = false }
            inbox.requestRender()
        }
    }

    private func keep(_ graphic: PlacedGraphic?, for placement: ImagePlacement, _ key: String) {
        content.withLock { content in
            if let last = content.last[placement.area], let graphic, last.bytes == graphic.bytes {
                // Another name for what is shown already: nothing is sent.
                content.ready[key] = last
            } else if let graphic {
                content.ready[key] = graphic
                // Shown even when something newer is wanted by now: previews that come faster than
                // they are encoded would else never be seen.
                content.last[placement.area] = graphic
            } else {
                if content.failed.count > 100 { content.failed = [] }
                content.failed.insert(key)
            }
        }
    }

    /// A number for a place: what is sent to it replaces what it showed.
    private static func slot(for area: Rect, in content: inout Content) -> UInt8 {
        if let slot = content.slots[area] { return slot }
        if content.slots.count >= 250 { content.slots = [:] }
        let slot = UInt8(content.slots.count + 1)
        content.slots[area] = slot
        return slot
    }
}
