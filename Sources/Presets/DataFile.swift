import Foundation
import Settings

/// Reads the values of one JSON5 file and collects what is wrong with them.
struct DataFile {
    /// The file's path, for problems.
    let path: String
    private(set) var problems: [PresetProblem] = []

    /// Largest file that is read, in bytes.
    private static let sizeLimit = 1 << 20

    init(path: String) { self.path = path }

    /// The members of the object at the top of `file`; nil after a problem was noted.
    mutating func readTop(_ file: URL) -> [PositionedValue.Member]? {
        guard let handle = try? FileHandle(forReadingFrom: file),
            let data = try? handle.read(upToCount: Self.sizeLimit + 1)
        else {
            fail(0, "", "the file cannot be read")
            return nil
        }
        guard data.count <= Self.sizeLimit else {
            fail(0, "", "the file is larger than \(Self.sizeLimit) bytes")
            return nil
        }
        guard let text = String(data: data, encoding: .utf8) else {
            fail(0, "", "the file is not UTF-8 text")
            return nil
        }
        do {
            return object(try JSON5Parser.parse(text), "")
        } catch {
            fail(error.line, "", error.reason)
            return nil
        }
    }

    mutating func fail(_ line: Int, _ key: String, _ reason: String) {
        note(line, key, reason, isWarning: false)
    }

    mutating func warn(_ line: Int, _ key: String, _ reason: String) {
        note(line, key, reason, isWarning: true)
    }

    private mutating func note(_ line: Int, _ key: String, _ reason: String, isWarning: Bool) {
        problems.append(
            PresetProblem(
                file: path, line: line, key: key, reason: reason, isWarning: isWarning))
    }

    mutating func object(_ value: PositionedValue, _ key: String) -> [PositionedValue.Member]? {
        guard case .object(let members) = value.content else {
            fail(value.line, key, "an object is expected, this is \(value.kind)")
            return nil
        }
        return members
    }

    mutating func text(_ value: PositionedValue, _ key: String) -> String? {
        guard case .text(let text) = value.content else {
            fail(value.line, key, "a text is expected, this is \(value.kind)")
            return nil
        }
        return text
    }

    mutating func flag(_ value: PositionedValue, _ key: String) -> Bool? {
        guard case .bool(let flag) = value.content else {
            fail(value.line, key, "true or false is expected, this is \(value.kind)")
            return nil
        }
        return flag
    }

    /// The files of a folder that end in `.json5`, in order of name; none when it is missing.
    static func files(in folder: URL?) -> [URL] {
        guard let folder,
            let found = try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil)
        else { return [] }
        return found.filter { $0.pathExtension == "json5" || $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }
}
