/// What a folder holds, for completing paths.
public struct FolderListing: Hashable, Sendable {
    /// A file or folder by its name.
    public struct Entry: Hashable, Sendable {
        public let name: String
        public let isFolder: Bool

        public init(name: String, isFolder: Bool) {
            self.name = name
            self.isFolder = isFolder
        }
    }

    /// The folder as it was typed, with the slash at its end; empty: the working folder.
    public let folder: String
    /// In the order in which they are shown; empty where the folder cannot be read.
    public let entries: [Entry]

    public init(folder: String, entries: [Entry]) {
        self.folder = folder
        self.entries = entries
    }
}
