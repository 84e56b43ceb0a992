import Foundation
import Prompting

/// Lists for `__name__` in prompts: text files of a folder, one option per line.
///
/// A list's name is its path below the folder without `.txt`, such as `colours` or `animals/cats`;
/// `*` in a name stands for any characters but `/`, `**` also for those, and joins all lists that
/// match, in order of their names. A name without match is looked for once more in any case.
public struct WildcardLibrary: Sendable {
    /// Where the files lie.
    public let folder: URL

    /// Longest file that is read, in bytes.
    private static let maximumBytes = 16 << 20
    private static let maximumFiles = 20_000

    /// Names a folder; it may be missing.
    public init(folder: URL) {
        self.folder = folder
    }

    /// The names of all lists, sorted.
    public func names() -> [String] { files().keys.sorted() }

    /// A lookup that reads each file at most once, so that one expansion sees one state of it.
    func lookup() -> DynamicPrompt.Wildcards {
        let cache = WildcardCache(files: files())
        return { cache.lines(named: $0) }
    }

    /// The files by name, links to folders not followed.
    private func files() -> [String: URL] {
        let root = folder.standardizedFileURL.resolvingSymlinksInPath()
        guard
            let walk = FileManager.default.enumerator(
                at: root, includingPropertiesForKeys: [.isRegularFileKey],
                options: [.skipsHiddenFiles])
        else { return [:] }
        var files: [String: URL] = [:]
        for case let url as URL in walk where url.pathExtension.lowercased() == "txt" {
            guard files.count < Self.maximumFiles else { break }
            let path = url.deletingPathExtension().path
            guard path.hasPrefix(root.path + "/") else { continue }
            files[String(path.dropFirst(root.path.count + 1))] = url
        }
        return files
    }

    /// The lines of a file: UTF-8, or Latin-1 where it is none; nil when it cannot be read.
    fileprivate static func read(_ url: URL) -> [String]? {
        let values = try? url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
        guard values?.isRegularFile ?? false, (values?.fileSize ?? 0) <= maximumBytes,
            let data = try? Data(contentsOf: url)
        else { return nil }
        let text =
            String(data: data, encoding: .utf8) ?? String(data: data, encoding: .isoLatin1) ?? ""
        return text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == "\u{FEFF}" } }
            .map(String.init)
    }
}

/// The lists that an expansion has read.
private final class WildcardCache: @unchecked Sendable {
    // Unchecked: `known` is only touched while `lock` is held.

    private let files: [String: URL]
    private let lock = NSLock()
    private var known: [String: [String]?] = [:]

    init(files: [String: URL]) {
        self.files = files
    }

    func lines(named name: String) -> [String]? {
        lock.withLock {
            if let lines = known[name] { return lines }
            let urls = matches(name).compactMap { files[$0] }
            let read = urls.compactMap { WildcardLibrary.read($0) }
            let lines = read.isEmpty ? nil : read.flatMap { $0 }
            known[name] = lines
            return lines
        }
    }

    private func matches(_ name: String) -> [String] {
        guard !name.contains("*") else {
            let pattern = Array(name.lowercased())
            return files.keys.filter { Glob.matches(pattern[...], Array($0.lowercased())[...]) }
                .sorted()
        }
        if files[name] != nil { return [name] }
        return files.keys.filter { $0.lowercased() == name.lowercased() }.sorted()
    }
}

/// `*` for any characters but `/`, `**` for any.
private enum Glob {
    static func matches(
        _ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>
    ) -> Bool {
        // States: how much of the pattern may be behind us after each character of the text.
        var states = closure([pattern.startIndex], pattern)
        for character in text {
            var next: Set<Int> = []
            for state in states where state < pattern.endIndex {
                if pattern[state] == "*" {
                    if isDouble(pattern, state) || character != "/" { next.insert(state) }
                } else if pattern[state] == character {
                    next.insert(state + 1)
                }
            }
            states = closure(next, pattern)
        }
        return states.contains(pattern.endIndex)
    }

    /// With every star also skipped.
    private static func closure(
        _ states: Set<Int>, _ pattern: ArraySlice<Character>
    ) -> Set<Int> {
        var result = states
        for start in states {
            var state = start
            while state < pattern.endIndex, pattern[state] == "*" {
                state += 1
                result.insert(state)
            }
        }
        return result
    }

    private static func isDouble(_ pattern: ArraySlice<Character>, _ index: Int) -> Bool {
        let next = index + 1 < pattern.endIndex && pattern[index + 1] == "*"
        let previous = index > pattern.startIndex && pattern[index - 1] == "*"
        return next || previous
    }
}
