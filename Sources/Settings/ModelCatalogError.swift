import Generation

/// Why the list of models could not be changed.
public enum ModelCatalogError: UserFacingError, Hashable {
    case notFound(String)
    case unknown(String)
    case notAdded(String)
    case badName(String)
    case nameTaken(String, by: String)
    case notSaved(String)
    case emptyFolder(String)

    public var summary: String {
        switch self {
        case .notFound(let path): "There is nothing at \(printable(path))"
        case .unknown(let name): "No model is called \(printable(name))"
        case .notAdded(let name):
            "\(printable(name)) lies in a folder of models and is not on the list by itself"
        case .badName(let name): "\"\(printable(name))\" cannot be a model's name"
        case .nameTaken(let name, let path):
            "\(printable(name)) is the name of \(printable(path)) already"
        case .notSaved(let file): "\(printable(file)) could not be written"
        case .emptyFolder(let path): "There is no .safetensors file in \(printable(path))"
        }
    }

    public var hint: String? {
        switch self {
        case .notFound, .emptyFolder: "give a diffusers folder or a .safetensors file"
        case .unknown: "`latent models list` shows the names"
        case .notAdded: "move or delete its files yourself, or take the folder off the list"
        case .badName, .nameTaken: "choose another one with --name"
        case .notSaved: "check who may write there"
        }
    }
}
