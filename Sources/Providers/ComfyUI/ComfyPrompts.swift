import Foundation

/// The prompts of one job: each seed is a graph of its own, with an identifier of our own.
struct ComfyPrompts: Hashable, Sendable {
    /// Canonical lower-case UUIDs, one per seed.
    let ids: [String]

    /// Identifiers that follow from one UUID.
    init(base: String, count: Int) {
        let start = UInt16(base.suffix(4), radix: 16) ?? 0
        ids = (0..<count).map { index in
            let digits = String(start &+ UInt16(truncatingIfNeeded: index), radix: 16)
            let padded = String(repeating: "0", count: 4 - digits.count) + digits
            return String(base.dropLast(4)) + padded
        }
    }

    /// Reads ``taskID``.
    init?(taskID: String) {
        let parts = taskID.split(separator: "*").map(String.init)
        guard let base = parts.first, UUID(uuidString: base) != nil, parts.count <= 2 else {
            return nil
        }
        let count = parts.count == 2 ? Int(parts[1]) : 1
        guard let count, (1...1000).contains(count) else { return nil }
        self.init(base: base, count: count)
    }

    /// Enough to find all of them again: the first identifier and their number.
    var taskID: String { ids.count == 1 ? ids[0] : "\(ids[0])*\(ids.count)" }
}
