import Foundation

/// Moments as people read them.
enum DateText {
    /// Day and minute: `2026-11-21 08:05`.
    ///
    /// - Parameter seconds: since 1970.
    static func text(_ seconds: Double, in zone: TimeZone) -> String {
        guard seconds.isFinite, abs(seconds) < 1e11 else { return "-" }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute], from: Date(timeIntervalSince1970: seconds))
        func digits(_ number: Int?, _ count: Int) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(parts.year, 4))-\(digits(parts.month, 2))-\(digits(parts.day, 2)) "
            + "\(digits(parts.hour, 2)):\(digits(parts.minute, 2))"
    }
}
