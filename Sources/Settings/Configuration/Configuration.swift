import Foundation

/// What `config.json` says. Flags and environment variables win over it.
public struct Configuration: Hashable, Sendable {
    /// Remote backends by the name that `--backend` takes.
    public var backends: [String: BackendSettings] = [:]
    /// Groups of backends that share a queue, by the name that `--backend` takes.
    public var groups: [String: [String]] = [:]
    /// The backend of requests that name none.
    public var defaultBackend = "local"
    /// Name of the studio's theme; nil: the built-in default.
    public var theme: String?
    /// The folder of wildcard lists; nil: `wildcards` beside the configuration.
    public var wildcards: String?
    /// Key bindings: the keys of each action, by the action's id. An empty list takes an action's
    /// keys away. Whether actions and keys exist is checked by the studio.
    public var keys: [String: [String]] = [:]

    /// The defaults.
    public init() {}

    /// Where the lists of `__name__` in prompts lie.
    public func wildcardFolder(_ folders: Folders) -> URL {
        guard let wildcards else { return folders.config.appendingPathComponent("wildcards") }
        return URL(fileURLWithPath: (wildcards as NSString).expandingTildeInPath)
    }

    /// The configuration file in a configuration folder.
    public static func file(in folder: URL) -> URL { folder.appendingPathComponent("config.json") }

    /// Reads `config.json` of `folders`; without the file the defaults.
    ///
    /// - Throws: ``ConfigurationError`` with all problems of the file.
    public static func load(from folders: Folders) throws -> Configuration {
        let file = file(in: folders.config)
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            return Configuration()
        } catch {
            throw ConfigurationError(
                file: file.path, problems: [.init(line: nil, text: "it cannot be read")])
        }
        guard data.count <= 1 << 20, let text = String(data: data, encoding: .utf8) else {
            throw ConfigurationError(
                file: file.path,
                problems: [.init(line: nil, text: "it is no UTF-8 text of at most 1 MiB")])
        }
        return try parse(text, file: file.path)
    }

    /// Reads the text of a configuration file.
    ///
    /// - Parameter file: its name in messages.
    /// - Throws: ``ConfigurationError`` with all problems.
    public static func parse(_ text: String, file: String) throws -> Configuration {
        let root: PositionedValue
        do {
            root = try JSON5Parser.parse(text)
        } catch {
            throw ConfigurationError(
                file: file, problems: [.init(line: error.line, text: error.reason)])
        }
        var reader = ConfigurationReader()
        let configuration = reader.read(root)
        guard reader.problems.isEmpty else {
            throw ConfigurationError(file: file, problems: reader.problems)
        }
        return configuration
    }
}
