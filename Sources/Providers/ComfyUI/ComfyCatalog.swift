import Generation
import Images

/// What a server says about its nodes: which there are, and which names they take.
struct ComfyCatalog: Hashable, Sendable {
    /// Names by `Node.input`.
    private var choices: [String: [String]] = [:]
    /// Nodes that exist.
    private(set) var types: Set<String> = []

    /// Reads the answer of `/object_info/<type>`.
    mutating func read(_ type: String, _ answer: JSONValue) {
        guard let node = answer[type] else { return }
        types.insert(type)
        for group in ["required", "optional"] {
            for (input, description) in node["input"]?[group]?.members ?? [:] {
                // Lists stand first in the description, or as `options` in newer servers.
                let list = description[0]?.elements ?? description[1]?["options"]?.elements
                if let names = list?.compactMap(\.text) { choices["\(type).\(input)"] = names }
            }
        }
    }

    /// The names that an input takes.
    func names(_ type: String, _ input: String) -> [String] { choices["\(type).\(input)"] ?? [] }

    /// The server's name of a file.
    ///
    /// - Throws: ``RemoteError`` with what there is.
    func file(_ wanted: String, _ type: String, _ input: String, what: String) throws -> String {
        let names = names(type, input)
        guard let found = NameMatch.findFile(wanted, among: names) else {
            throw RemoteError(
                .notFound, "ComfyUI has no \(what) \(printable(wanted, limit: 80))",
                hint: names.isEmpty ? "its folder is empty" : "it has: \(NameMatch.excerpt(names))")
        }
        return found
    }

    /// The server's spelling of one of our names.
    ///
    /// - Throws: ``RemoteError`` with what there is.
    func choice(
        _ wanted: [String], _ type: String, _ input: String, what: String
    ) throws -> String {
        let names = names(type, input)
        guard let found = NameMatch.find(wanted, among: names) else {
            throw RemoteError(
                .refused, "ComfyUI has no \(what) \(wanted.first ?? "")",
                hint: "it has: \(NameMatch.excerpt(names))")
        }
        return found
    }
}
