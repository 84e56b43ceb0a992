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
    /// The present state of every weight file.
    var stamps: Set<FileStamp> {
        Set(weightFiles.values.joined().map { FileStamp($0) })
    }
}
