import Foundation
import Generation
import Glibc

/// Replaces a session file by one without certain lines: for repairs and for erasing.
///
/// The new file is complete and on the disk before it takes the old one's name; processes that have
/// the old one open notice and change over (``SessionFile/isCurrent``).
enum SessionRewriter {
    /// Removes the lines for which `isKept` is false. Where the name is a symbolic link, the file that
    /// it leads to is replaced and the link stays.
    ///
    /// - Returns: the removed lines.
    /// - Throws: ``JournalError``; the file is then as before.
    static func rewrite(
        _ url: URL, keeping isKept: (LineReader.Line) -> Bool
    ) throws -> [[UInt8]] {
        let url = url.resolvingSymlinksInPath()
        while true {
            let file = try SessionFile(url: url)
            defer { file.close() }
            let removed: [[UInt8]]? = try file.locked {
                guard file.isCurrent else { return nil }
                _ = try file.repairTail()
                return try replace(url, keeping: isKept)
            }
            if let removed { return removed }
        }
    }

    private static func replace(
        _ url: URL, keeping isKept: (LineReader.Line) -> Bool
    ) throws -> [[UInt8]] {
        let temporary = url.appendingPathExtension("\(ULID())")
        let copy = try SessionFile(url: temporary)
        defer {
            copy.close()
            unlink(temporary.path)
        }
        var removed: [[UInt8]] = []
        var kept: [UInt8] = []
        func flush() throws {
            guard !kept.isEmpty else { return }
            _ = try copy.append(kept, isDurable: false)
            kept = []
        }
        try LineReader.forEachLine(of: url) { line in
            if isKept(line) {
                kept += Array(line.bytes) + [0x0A]
                if kept.count > 1 << 20 { try flush() }
            } else {
                removed.append(Array(line.bytes))
            }
        }
        try flush()
        try copy.synchronize()
        guard rename(temporary.path, url.path) == 0 else {
            throw SessionFile.systemError(url, "replace")
        }
        return removed
    }
}
