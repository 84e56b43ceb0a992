import Generation
import Images

/// The entry of `/history/{id}`.
struct ComfyHistory: Hashable, Sendable {
    /// A file that the server holds.
    struct File: Hashable, Sendable {
        let name: String
        let subfolder: String
        /// `output`, `temp` or `input`.
        let type: String
    }

    /// Pictures in the order of the nodes.
    let files: [File]
    /// What went wrong, nil when nothing did.
    let failure: RemoteError?

    /// nil while the prompt is not finished.
    init?(_ json: JSONValue?, id: String) {
        guard let entry = json?[id], entry.members != nil else { return nil }
        let status = entry["status"]
        let nodes = (entry["outputs"]?.members ?? [:]).sorted {
            ($0.key.count, $0.key) < ($1.key.count, $1.key)
        }
        let all = nodes.flatMap { $0.value["images"]?.elements ?? [] }.compactMap { image in
            image["filename"]?.filledText.map {
                File(
                    name: $0, subfolder: image["subfolder"]?.text ?? "",
                    type: image["type"]?.text ?? "output")
            }
        }
        let kept = all.filter { $0.type == "output" }
        files = kept.isEmpty ? all : kept
        failure = status?["status_str"]?.text == "error" ? Self.failure(status) : nil
    }

    private static func failure(_ status: JSONValue?) -> RemoteError {
        for message in status?["messages"]?.elements ?? [] {
            switch message[0]?.text {
            case "execution_error":
                return error(
                    node: message[1]?["node_type"]?.text ?? "",
                    message: message[1]?["exception_message"]?.text ?? "")
            case "execution_interrupted": return interrupted
            default: continue
            }
        }
        return RemoteError(.failed, "ComfyUI could not run the graph")
    }

    /// A node that failed.
    static func error(node: String, message: String) -> RemoteError {
        let words = message.split(separator: "\n").first.map(String.init) ?? "no reason given"
        return RemoteError(
            .failed,
            "ComfyUI failed in the node \(printable(node, limit: 60)): "
                + printable(words, limit: 300))
    }

    /// Somebody stopped it at the server.
    static let interrupted = RemoteError(.stopped, "Somebody interrupted the work at ComfyUI")

    /// A graph that was refused: the error and every node's own.
    static func refusal(_ response: HTTPResponse) -> RemoteError {
        guard response.status == 400, let json = response.json, let error = json["error"] else {
            return RemoteError(status: response, service: "ComfyUI")
        }
        let nodes = (json["node_errors"]?.members ?? [:]).sorted { $0.key < $1.key }
        let details = nodes.flatMap { node in
            (node.value["errors"]?.elements ?? []).map { problem in
                [
                    node.value["class_type"]?.text, problem["message"]?.text,
                    problem["details"]?.text,
                ].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
            }
        }
        let said = error["message"]?.text ?? error.text ?? ServerMessage.text(of: json) ?? ""
        let words = ([said] + details.prefix(6)).map { printable($0, limit: 200) }
        return RemoteError(
            .refused, "ComfyUI refuses the graph: \(words.joined(separator: "; "))")
    }
}
