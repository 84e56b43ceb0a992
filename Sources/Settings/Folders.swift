import Foundation

/// Where configuration, data, caches and state live.
///
/// `LATENT_HOME` puts everything under one folder; otherwise the XDG base directories apply.
public struct Folders: Hashable, Sendable {
    /// `config.json`, key bindings, the user's themes and presets.
    public let config: URL
    /// Sessions, images, models: what must not be lost.
    public let data: URL
    /// What can be computed again.
    public let cache: URL
    /// Drafts and logs.
    public let state: URL

    /// The folders that `environment` names.
    public init(environment: [String: String]) {
        func given(_ name: String) -> URL? {
            environment[name].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
        }
        if let path = environment["LATENT_HOME"], !path.isEmpty {
            let home = URL(fileURLWithPath: path)
            config = home.appendingPathComponent("config")
            data = home.appendingPathComponent("data")
            cache = home.appendingPathComponent("cache")
            state = home.appendingPathComponent("state")
            return
        }
        let home = given("HOME") ?? URL(fileURLWithPath: NSHomeDirectory())
        func folder(_ variable: String, _ fallback: String) -> URL {
            (given(variable) ?? home.appendingPathComponent(fallback))
                .appendingPathComponent("latent")
        }
        config = folder("XDG_CONFIG_HOME", ".config")
        data = folder("XDG_DATA_HOME", ".local/share")
        cache = folder("XDG_CACHE_HOME", ".cache")
        state = folder("XDG_STATE_HOME", ".local/state")
    }

    /// The folders of this process.
    public static var current: Folders { Folders(environment: ProcessInfo.processInfo.environment) }

    /// Session files of the journal.
    public var sessions: URL { data.appendingPathComponent("sessions") }
    /// Finished pictures.
    public var images: URL { data.appendingPathComponent("images") }
    /// Models that the user added.
    public var models: URL { data.appendingPathComponent("models") }

    /// Creates a folder (and its parents) that only its owner can enter.
    ///
    /// - Throws: the error of the file system.
    public static func create(_ folder: URL) throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }
}
