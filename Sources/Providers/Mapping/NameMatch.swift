import Foundation
import Generation

/// Finds our name of something among the names that a server lists.
enum NameMatch {
    /// The listed name that equals one of `wanted`: as written, then without regard to case, spaces,
    /// hyphens and underscores.
    static func find(_ wanted: [String], among listed: [String]) -> String? {
        for name in wanted where listed.contains(name) { return name }
        for name in wanted {
            if let found = listed.first(where: { plain($0) == plain(name) }) { return found }
        }
        return nil
    }

    /// The listed file that `wanted` names: the whole name, or without folder and ending.
    static func findFile(_ wanted: String, among listed: [String]) -> String? {
        if let exact = find([wanted], among: listed) { return exact }
        return listed.first { stem($0) == stem(wanted) }
    }

    /// At most twelve names for a message.
    static func excerpt(_ names: [String]) -> String {
        let shown = names.prefix(12).map { printable($0, limit: 80) }.joined(separator: ", ")
        return names.count > 12 ? shown + ", and \(names.count - 12) more" : shown
    }

    private static func plain(_ name: String) -> String {
        String(name.lowercased().filter { !" -_".contains($0) })
    }

    /// `folder/name.safetensors [hash]` as `name`, lower-case.
    private static func stem(_ path: String) -> String {
        var name = path.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? path
        if let bracket = name.range(of: " [", options: .backwards) {
            name = String(name[..<bracket.lowerBound])
        }
        for ending in [".safetensors", ".ckpt", ".gguf", ".pt", ".pth", ".bin", ".sft"]
        where name.lowercased().hasSuffix(ending) {
            name = String(name.dropLast(ending.count))
        }
        return name.lowercased()
    }
}
