import Images

/// What comes over ComfyUI's socket.
enum ComfyMessage: Hashable, Sendable {
    case started(prompt: String)
    /// nil: the whole prompt is done.
    case executing(prompt: String, node: String?)
    case progress(prompt: String?, value: Int, maximum: Int)
    case succeeded(prompt: String)
    case failed(prompt: String, node: String, message: String)
    case interrupted(prompt: String)
    /// A PNG or JPEG, with the prompt when the frame names it.
    case preview(prompt: String?, [UInt8])

    /// nil for messages of no interest.
    init?(_ message: WebSocketMessage) {
        switch message {
        case .text(let text): self.init(text: text)
        case .binary(let bytes): self.init(binary: bytes)
        }
    }

    private init?(text: String) {
        guard let json = JSONValue(parsing: text), let type = json["type"]?.text,
            let data = json["data"]
        else { return nil }
        let prompt = data["prompt_id"]?.text
        if type == "progress" {
            guard let value = data["value"]?.integer, let maximum = data["max"]?.integer,
                maximum > 0
            else { return nil }
            self = .progress(prompt: prompt, value: value, maximum: maximum)
            return
        }
        guard let prompt else { return nil }
        switch type {
        case "execution_start": self = .started(prompt: prompt)
        case "executing": self = .executing(prompt: prompt, node: data["node"]?.text)
        case "execution_success": self = .succeeded(prompt: prompt)
        case "execution_interrupted": self = .interrupted(prompt: prompt)
        case "execution_error":
            self = .failed(
                prompt: prompt, node: data["node_type"]?.text ?? "",
                message: data["exception_message"]?.text ?? "")
        default: return nil
        }
    }

    /// Four bytes of type; 1: four bytes of format and the picture; 4: a length, JSON, the picture.
    private init?(binary bytes: [UInt8]) {
        func number(at offset: Int) -> Int? {
            guard bytes.count >= offset + 4 else { return nil }
            return bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
        }
        switch number(at: 0) {
        case 1 where bytes.count > 8: self = .preview(prompt: nil, Array(bytes[8...]))
        case 4:
            guard let length = number(at: 4), length < bytes.count - 8 else { return nil }
            let text = String(decoding: bytes[8..<(8 + length)], as: UTF8.self)
            let prompt = JSONValue(parsing: text)?["prompt_id"]?.text
            self = .preview(prompt: prompt, Array(bytes[(8 + length)...]))
        default: return nil
        }
    }
}
