import CTerminal
import Foundation
import Generation
import Screen
import Studio

extension EffectRunner {
    /// Lets the user's own editor change a text; returns when it has ended.
    func openEditor(_ pane: Pane, _ text: String) async {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-\(pane.rawValue)-\(UUID().uuidString).txt")
        defer { try? FileManager.default.removeItem(at: file) }
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]
            )
        else {
            inbox.post(.message(StatusMessage(.problem, "no temporary file can be made")))
            return
        }
        await dependencies.terminal.suspend()
        let command = "\(dependencies.editor) '\(file.path)'"
        let status = await withCheckedContinuation { done in
            Thread.detachNewThread { done.resume(returning: lt_run(command)) }
        }
        await dependencies.terminal.resume()
        guard status == 0, let data = try? Data(contentsOf: file) else {
            let what = status == 0 ? "left no file" : "ended with status \(status)"
            let text = "\(printable(dependencies.editor, limit: 60)) \(what); the text is as it was"
            inbox.post(.message(StatusMessage(.problem, text)))
            return
        }
        var edited = String(decoding: data, as: UTF8.self)
        // Editors end a file with a line end that nobody typed.
        if edited.hasSuffix("\n"), !text.hasSuffix("\n") { edited.removeLast() }
        inbox.post(.edited(pane, edited))
    }
}
