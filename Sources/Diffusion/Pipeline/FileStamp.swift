import Foundation

/// When a file last changed and how large it was: enough to notice that a model was replaced.
struct FileStamp: Hashable {
    private let url: URL
    private let date: Date?
    private let size: Int?

    init(_ url: URL) {
        self.url = url
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        date = attributes?[.modificationDate] as? Date
        size = attributes?[.size] as? Int
    }
}

extension Checkpoint {
    /// The present state of every weight file, and of the configurations that say how to read them.
    var stamps: Set<FileStamp> {
        let weights = Set(weightFiles.values.joined())
        let configurations = Set(weights.map { $0.deletingLastPathComponent() }).map {
            $0.appendingPathComponent("config.json")
        }
        let scheduler = URL(fileURLWithPath: path)
            .appendingPathComponent("scheduler/scheduler_config.json")
        return Set(weights.union(configurations).union([scheduler]).map { FileStamp($0) })
    }
}
