import Foundation

extension FileIdentity {
    /// Extensions of files that hold weights.
    private static let weightExtensions: Set<String> = ["safetensors", "bin", "pt", "ckpt", "gguf"]

    /// The identity of a file, or of a model folder by its weight files and configurations.
    ///
    /// The hash of a folder is that of the lines `HASH  RELATIVE-PATH` of its `.safetensors` (and
    /// other weight) and `.json` files, sorted by path; moving the folder does not change it.
    ///
    /// - Throws: the error of the file system; `CancellationError` when the task is cancelled.
    public static func hashing(
        role: String, path: String, cache: FileHashCache
    ) throws -> FileIdentity {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CocoaError(.fileReadNoSuchFile, userInfo: [NSFilePathErrorKey: path])
        }
        guard isFolder.boolValue else {
            let hash = try cache.sha256(ofFileAt: path)
            let byteCount = try FileStamp(path: path).byteCount
            return FileIdentity(role: role, path: path, byteCount: byteCount, sha256: hash)
        }
        var lines = ""
        var byteCount = 0
        for name in modelFiles(in: path) {
            let file = path + "/" + name
            byteCount += try FileStamp(path: file).byteCount
            lines += try cache.sha256(ofFileAt: file) + "  " + name + "\n"
        }
        return FileIdentity(
            role: role, path: path, byteCount: byteCount,
            sha256: SHA256.hexDigest(of: Array(lines.utf8)))
    }

    private static func modelFiles(in folder: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
        return (names ?? []).filter { name in
            let kind = URL(fileURLWithPath: name).pathExtension.lowercased()
            let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
            return !isHidden && (kind == "json" || weightExtensions.contains(kind))
        }.sorted()
    }
}
