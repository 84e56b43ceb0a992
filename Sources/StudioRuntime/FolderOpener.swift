import CTerminal
import Foundation

/// Shows folders with the desktop's own program.
public enum FolderOpener {
    /// Opens a folder in a window, detached from this program.
    ///
    /// - Returns: false where there is no desktop at hand: over SSH, on a console, without
    ///   `xdg-open`.
    public static func open(_ folder: URL, environment: [String: String]) -> Bool {
        let has = { (name: String) in environment[name]?.isEmpty == false }
        guard !has("SSH_CONNECTION"), !has("SSH_TTY"), has("DISPLAY") || has("WAYLAND_DISPLAY")
        else { return false }
        let paths = (environment["PATH"] ?? "").split(separator: ":")
        let program = paths.map { "\($0)/xdg-open" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let program else { return false }
        let words = [program, folder.path].map { word in
            "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
        }
        // In a session of its own, so that it outlives the terminal; its messages go nowhere.
        let command = "setsid \(words[0]) \(words[1]) </dev/null >/dev/null 2>&1 &"
        return lt_run(command) == 0
    }
}
