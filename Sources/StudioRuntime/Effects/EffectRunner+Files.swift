import Foundation
import Generation
import Studio
import Synchronization

extension EffectRunner {
    /// Most names of a folder that are handed on.
    private static let mostEntries = 5000

    /// Reads a folder for completing a path; one that cannot be read has nothing in it.
    func list(_ typed: String) {
        Task {
            let expanded = (typed as NSString).expandingTildeInPath
            let url = URL(fileURLWithPath: expanded, relativeTo: dependencies.workingFolder)
            let found =
                (try? FileManager.default.contentsOfDirectory(
                    at: url.absoluteURL, includingPropertiesForKeys: [.isDirectoryKey])) ?? []
            let entries = found.map { file in
                // A link to a folder leads on like a folder.
                let place = file.resolvingSymlinksInPath()
                let values = try? place.resourceValues(forKeys: [.isDirectoryKey])
                return FolderListing.Entry(
                    name: file.lastPathComponent, isFolder: values?.isDirectory ?? false)
            }.filter { entry in
                // Such a name could not be shown as it is, nor typed.
                !entry.name.unicodeScalars.contains { $0.properties.generalCategory == .control }
            }.sorted { ($0.isFolder ? 1 : 0, $0.name) < ($1.isFolder ? 1 : 0, $1.name) }
            inbox.post(
                .folder(
                    FolderListing(
                        folder: typed, entries: Array(entries.prefix(Self.mostEntries)))))
        }
    }

    /// Finds out what a run would say of the files that a request names; only the last request
    /// counts.
    func checkFiles(of request: GenerationRequest) {
        let task = Task {
            var problems: [FileProblem] = []
            do {
                try await dependencies.checkFiles(
                    request.withAbsolutePaths(in: dependencies.workingFolder))
            } catch let error as InvalidRequest {
                problems = error.problems.map {
                    FileProblem(field: $0.field, sentence: printable($0.labelled))
                }
            } catch {
                problems = [
                    FileProblem(field: nil, sentence: Self.sentence("", error).inStudioWords)
                ]
            }
            guard !Task.isCancelled else { return }
            inbox.post(.filesChecked(request, problems))
        }
        checking.withLock { last in
            last?.cancel()
            last = task
        }
    }
}
