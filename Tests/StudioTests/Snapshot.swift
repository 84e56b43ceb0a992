import Foundation
import Screen
import Testing

@testable import Studio

/// Compares a screen with a text file beside the tests. A missing file, or `RECORD_SNAPSHOTS=1`,
/// writes it and fails.
func expectSnapshot(
    _ frame: Frame, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    var text = frame.buffer.text
    if let cursor = frame.cursor { text += "\ncursor \(cursor.x),\(cursor.y)" }
    for placement in frame.placements {
        let area = placement.area
        text += "\npicture \(placement.imageID) at \(area.x),\(area.y) \(area.width)x\(area.height)"
    }
    text += "\n"
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Snapshots/\(name).txt")
    let stored = try? String(contentsOf: url, encoding: .utf8)
    let isRecording = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"
    if stored == nil || isRecording {
        try? FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? text.write(to: url, atomically: true, encoding: .utf8)
        Issue.record(
            "wrote the snapshot \(name); read it and run again", sourceLocation: sourceLocation)
    } else if stored != text {
        Issue.record(
            "\(name) differs\n--- expected\n\(stored ?? "")--- got\n\(text)",
            sourceLocation: sourceLocation)
    }
}
