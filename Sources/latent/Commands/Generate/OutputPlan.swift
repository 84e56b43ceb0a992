import Foundation
import Generation
import Images

/// Where each picture of a job goes, decided before the work so that no two share a path.
struct OutputPlan: Sendable {
    /// The pattern, with `{seed} {index} {id}`.
    let pattern: String
    /// The files' format.
    let format: ImageFormat
    /// The job's id.
    let id: String
    /// One path per planned picture.
    let paths: [String]
    /// Whether names were changed to keep pictures apart.
    let isNumbered: Bool

    /// A sentence where the names tell another format than the one that is written.
    var formatNote: String? {
        let suffix = URL(fileURLWithPath: pattern).pathExtension
        guard let named = ImageFormat(fileExtension: suffix), named != format else { return nil }
        return "--format says \(format.rawValue): the file is one, though its name ends in ."
            + printable(suffix)
    }

    /// Plans the paths.
    ///
    /// - Parameters:
    ///   - path: what `-o` says; nil: `folder`.
    ///   - format: what `--format` says.
    ///   - folder: where pictures go that were not told where.
    init(
        path: String?, format: String?, folder: URL, id: String, seeds: [UInt64],
        reader: inout ArgumentReader
    ) {
        let asked: ImageFormat? = reader.choice("--format", format)
        let pattern = Self.pattern(path, folder: folder, format: asked ?? .png)
        self.id = id
        self.pattern = pattern
        self.format = asked ?? Self.format(of: pattern, &reader) ?? .png
        if let name = Self.unknownPlaceholder(in: pattern) {
            reader.problems.add(
                "--output", path ?? pattern, "{\(name)} is not one of {seed}, {index}, {id}")
        }
        let names = seeds.enumerated().map { index, seed in
            Self.fill(pattern, index: index, seed: seed, id: id)
        }
        isNumbered = Set(names).count < names.count
        paths = isNumbered ? names.enumerated().map { Self.numbered($1, $0) } : names
    }

    /// The path of a picture; one that was not planned gets its index into the name.
    func path(index: Int, seed: UInt64?) -> String {
        if paths.indices.contains(index) { return paths[index] }
        let name = Self.fill(pattern, index: index, seed: seed ?? 0, id: id)
        // A service that takes no seed still gives a first picture.
        let isAlone = paths.isEmpty && index == 0
        return isAlone || pattern.contains("{index}") ? name : Self.numbered(name, index)
    }

    private static func pattern(_ path: String?, folder: URL, format: ImageFormat) -> String {
        let name = "{id}-{index}.\(format.fileExtension)"
        guard let path else { return folder.appendingPathComponent(name).path }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard path.hasSuffix("/") || exists && isFolder.boolValue else { return path }
        return path.hasSuffix("/") ? path + name : path + "/" + name
    }

    private static func fill(_ pattern: String, index: Int, seed: UInt64, id: String) -> String {
        pattern.replacingOccurrences(of: "{seed}", with: String(seed))
            .replacingOccurrences(of: "{index}", with: String(index))
            .replacingOccurrences(of: "{id}", with: id)
    }

    /// `out.png` and 2 give `out-2.png`.
    private static func numbered(_ path: String, _ index: Int) -> String {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        guard let dot = path.lastIndex(of: "."), dot > slash else { return "\(path)-\(index)" }
        return "\(path[..<dot])-\(index)\(path[dot...])"
    }

    private static func unknownPlaceholder(in pattern: String) -> String? {
        for part in pattern.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            guard let end = part.firstIndex(of: "}") else { continue }
            let name = String(part[..<end])
            if !["seed", "index", "id"].contains(name) { return name }
        }
        return nil
    }

    /// The format that a name tells; a name of another picture format is a problem.
    private static func format(
        of pattern: String, _ reader: inout ArgumentReader
    ) -> ImageFormat? {
        let suffix = URL(fileURLWithPath: pattern).pathExtension
        if let format = ImageFormat(fileExtension: suffix) { return format }
        let others: Set = ["webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "jxl", "jp2"]
        if others.contains(suffix.lowercased()) {
            reader.problems.add(
                "--output", pattern, "PNG and JPEG are written: .png, .jpg or .jpeg")
        }
        return nil
    }
}
