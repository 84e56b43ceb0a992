import Foundation
import Generation
import Images

/// Checks that the pictures and files which a request names can be read, before any work.
enum InputFiles {
    /// Adds a problem for every picture that is missing or is none. Links are for services, which
    /// say themselves whether they take them.
    static func check(
        _ request: GenerationRequest, acceptsLinks: Bool = false,
        problems: inout ArgumentProblems
    ) {
        var pictures: [(option: String, path: String)] = []
        if let path = request.initImage { pictures.append(("--init", path)) }
        if let path = request.maskImage { pictures.append(("--mask", path)) }
        pictures += request.controls.map { ("--control-image", $0.image) }
        for prompt in request.imagePrompts {
            pictures.append(("--ip-image", prompt.image))
            if let mask = prompt.mask { pictures.append(("--ip-mask", mask)) }
        }
        for (option, path) in pictures where !acceptsLinks || !path.isLink {
            do {
                _ = try ImageFile.size(at: path)
            } catch let error as any UserFacingError {
                problems.add(option, error)
            } catch {
                problems.add(option, path, "cannot be read")
            }
        }
    }

    /// Adds a problem for a path that leads nowhere.
    static func checkExists(
        _ option: String, path: String, problems: inout ArgumentProblems
    ) {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        problems.add(option, path, "there is no such file or folder")
    }

    /// Adds a problem for a file that cannot be opened.
    static func check(_ option: String, file path: String?, problems: inout ArgumentProblems) {
        guard let path else { return }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return problems.add(option, path, "there is no such file")
        }
        if isFolder.boolValue || !FileManager.default.isReadableFile(atPath: path) {
            problems.add(option, path, "a file that can be read is needed")
        }
    }
}

extension String {
    /// Whether this is an address of the web rather than a path.
    var isLink: Bool {
        let start = prefix(8).lowercased()
        return start.hasPrefix("http://") || start.hasPrefix("https://")
    }
}
