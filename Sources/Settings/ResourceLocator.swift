import Foundation

/// Finds data files that belong to the program, without ever trapping.
///
/// `Bundle.module` aborts the process when its folder is missing and knows only the path of the
/// build, so that a copied or installed binary could not start. This looks, in this order,
/// 1. in the target's resource bundle beside the binary (a build, or an unpacked archive),
/// 2. in `../share/latent` seen from the binary (an installation),
/// 3. in the source tree that the binary was built from.
public struct ResourceLocator: Hashable, Sendable {
    /// Folders that may hold the resources, the first match counts.
    public let candidates: [URL]

    /// - Parameters:
    ///   - target: the Swift target that declares the resources, such as `Diffusion`.
    ///   - sourceFolder: the folder, seen from the package's root, that holds them in the source
    ///     tree; `Sources/TARGET` unless given.
    ///   - executable: the binary; nil means the running one.
    public init(target: String, sourceFolder: String? = nil, executable: URL? = nil) {
        let binary = (executable ?? Self.runningExecutable).resolvingSymlinksInPath()
        let folder = binary.deletingLastPathComponent()
        let share = folder.deletingLastPathComponent().appendingPathComponent("share/latent")
        let bundle = "latent_\(target).resources"
        candidates = [
            folder.appendingPathComponent(bundle),
            share.appendingPathComponent(bundle),
            share,
            Self.packageRoot.appendingPathComponent(sourceFolder ?? "Sources/\(target)"),
        ]
    }

    /// The file or folder at `path` inside the first candidate that has it, or nil.
    public func url(for path: String) -> URL? {
        candidates.lazy.map { $0.appendingPathComponent(path) }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    private static var runningExecutable: URL {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: link ?? CommandLine.arguments.first ?? "")
    }

    /// The source tree of the build; it may be gone by now.
    private static var packageRoot: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }
}
