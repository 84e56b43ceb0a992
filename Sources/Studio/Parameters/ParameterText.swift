import Generation

/// Parameters that are lists or structures, as they are shown and typed in one line.
enum ParameterText {
    /// The value in the form that ``store(_:as:in:)`` reads; empty for the default.
    static func text(of parameter: ParameterID, in request: GenerationRequest) -> String {
        switch parameter {
        case .outpaint:
            request.outpaint?.description ?? ""
        case .hires:
            request.hires.map(text) ?? ""
        case .loras:
            request.loras.map(text).joined(separator: ", ")
        case .embeddings:
            request.embeddings.map { "\($0.token)=\($0.path)" }.joined(separator: ", ")
        case .extras:
            request.extras.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: ", ")
        case .controls: request.controls.map(text).joined(separator: "; ")
        case .imagePrompts: request.imagePrompts.map(text).joined(separator: "; ")
        default: ""
        }
    }

    private static func text(_ lora: LoRAReference) -> String {
        let numbers = lora.blockWeights?.map { AppState.text($0) }.joined(separator: ",")
        return "\(lora.name):\(AppState.text(lora.weight))"
            + (lora.textEncoderWeight.map { ":te=\(AppState.text($0))" } ?? "")
            + (numbers.map { ":lbw=\($0)" } ?? "")
    }

    private static func text(_ pass: HiresPass) -> String {
        let numbers = "\(AppState.text(pass.scale)):\(AppState.text(pass.strength))"
        return pass.upscaler == .latent ? numbers : "\(numbers):\(pass.upscaler.rawValue)"
    }

    private static func text(_ control: ControlReference) -> String {
        var words = [quoted(control.model), quoted(control.image)]
        words.append("scale=\(AppState.text(control.scale))")
        if control.start != 0 { words.append("start=\(AppState.text(control.start))") }
        if control.end != 1 { words.append("end=\(AppState.text(control.end))") }
        if let preprocessor = control.preprocessor { words.append("preprocess=\(preprocessor)") }
        return words.joined(separator: " ")
    }

    private static func text(_ prompt: ImagePromptReference) -> String {
        var words = [quoted(prompt.model), quoted(prompt.image)]
        words.append("scale=\(AppState.text(prompt.scale))")
        if prompt.method != .full { words.append("method=\(prompt.method.rawValue)") }
        if let word = prompt.word { words.append("word=\(quoted(word))") }
        if let mask = prompt.mask { words.append("mask=\(quoted(mask))") }
        return words.joined(separator: " ")
    }

    private static func quoted(_ text: String) -> String {
        text.contains { $0 == " " || $0 == ";" } ? "\"\(text)\"" : text
    }

    /// Reads a line into the request; an empty one is the default.
    ///
    /// - Returns: why it cannot be read, or nil.
    static func store(
        _ text: String, as parameter: ParameterID, in request: inout GenerationRequest
    ) -> String? {
        do {
            switch parameter {
            case .outpaint: request.outpaint = try outpaint(text)
            case .hires: request.hires = try hires(text)
            case .loras:
                request.loras = try loras(text)
            case .embeddings: request.embeddings = try list(text, ",").map(embedding)
            case .extras: request.extras = try extras(text)
            case .controls: request.controls = try list(text, ";").map(control)
            case .imagePrompts: request.imagePrompts = try list(text, ";").map(imagePrompt)
            default: break
            }
            return nil
        } catch {
            return error.reason
        }
    }

    /// What cannot be read, in words.
    struct Unreadable: Error { let reason: String }

    private static func outpaint(_ text: String) throws(Unreadable) -> Outpaint? {
        guard !text.isEmpty else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1)
        let fill = parts.count == 2 ? Outpaint.Fill(rawValue: String(parts[1])) : .edges
        let sides = (parts.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
            .map { Int($0.filter { $0 != " " }) ?? -1 }
        guard let fill, sides.count == 4, sides.allSatisfy({ (0...8192).contains($0) }) else {
            throw Unreadable(reason: "pixels for left,top,right,bottom are needed: 0,0,128,0")
        }
        return Outpaint(
            left: sides[0], top: sides[1], right: sides[2], bottom: sides[3], fill: fill)
    }

    private static func hires(_ text: String) throws(Unreadable) -> HiresPass? {
        guard !text.isEmpty else { return nil }
        let parts = text.split(separator: ":").map(String.init)
        let upscaler = parts.count == 3 ? HiresPass.Upscaler(rawValue: parts[2]) : .latent
        guard let upscaler, let scale = parts.first.flatMap(Double.init), scale > 1,
            parts.count <= 3
        else { throw Unreadable(reason: "scale:strength is needed, such as 1.5:0.5") }
        let strength = parts.count >= 2 ? Double(parts[1]) : 0.5
        guard let strength, (0...1).contains(strength) else {
            throw Unreadable(reason: "a strength from 0 to 1 is needed")
        }
        return HiresPass(scale: scale, strength: strength, upscaler: upscaler)
    }

    private static func loras(_ text: String) throws(Unreadable) -> [LoRAReference] {
        var elements: [String] = []
        for element in try list(text, ",") {
            // The numbers of lbw= have commas between them too.
            if let last = elements.last, last.contains(":lbw="), Double(element) != nil {
                elements[elements.count - 1] = "\(last),\(element)"
            } else {
                elements.append(element)
            }
        }
        var loras: [LoRAReference] = []
        for element in elements { loras.append(try lora(element)) }
        return loras
    }

    private static func lora(_ text: String) throws(Unreadable) -> LoRAReference {
        do throws(LoRAReference.ArgumentProblem) {
            return try LoRAReference(argument: text)
        } catch {
            if case .needsNumbers(let key) = error {
                throw Unreadable(reason: "\(key)= needs numbers")
            }
            throw Unreadable(reason: "name:weight is needed, such as film-grain:0.8")
        }
    }

    private static func embedding(_ text: String) throws(Unreadable) -> EmbeddingReference {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex,
            text.index(after: equals) != text.endIndex
        else { throw Unreadable(reason: "word=file is needed, such as <cat>=cat.safetensors") }
        return EmbeddingReference(
            token: String(text[..<equals]), path: String(text[text.index(after: equals)...]))
    }

    private static func extras(_ text: String) throws(Unreadable) -> [String: String] {
        var extras: [String: String] = [:]
        for element in try list(text, ",") {
            let parts = element.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, !element.hasPrefix("=") else {
                throw Unreadable(reason: "field=value is needed")
            }
            extras[parts[0]] = parts[1]
        }
        return extras
    }

    private static func control(_ text: String) throws(Unreadable) -> ControlReference {
        let words = try Words(text, known: ["scale", "start", "end", "preprocess"])
        var control = ControlReference(
            model: words.model, image: words.image,
            scale: try words.number("scale", in: 0...10) ?? 1,
            end: try words.number("end", in: 0...1) ?? 1, preprocessor: words.values["preprocess"])
        control.start = try words.number("start", in: 0...1) ?? 0
        guard control.start <= control.end else {
            throw Unreadable(reason: "start is behind end")
        }
        return control
    }

    private static func imagePrompt(_ text: String) throws(Unreadable) -> ImagePromptReference {
        let words = try Words(text, known: ["scale", "method", "mask", "word"])
        let name = words.values["method"] ?? "full"
        guard let method = ImagePromptReference.Method(rawValue: name) else {
            let names = ImagePromptReference.Method.allCases.map(\.rawValue)
            throw Unreadable(reason: "method is one of " + names.joined(separator: ", "))
        }
        var prompt = ImagePromptReference(
            model: words.model, image: words.image,
            scale: try words.number("scale", in: 0...10) ?? 0.6, method: method,
            mask: words.values["mask"])
        prompt.word = words.values["word"]
        return prompt
    }

    /// The elements between separators that stand outside of quotation marks.
    private static func list(_ text: String, _ separator: Character) throws(Unreadable) -> [String]
    {
        var elements = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == separator, !isQuoted {
                elements.append("")
            } else {
                elements[elements.count - 1].append(character)
            }
        }
        guard !isQuoted else { throw Unreadable(reason: "a quotation mark is not closed") }
        return elements.map { element in
            String(element.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    /// `model picture key=value ...`, with quotation marks around what has spaces.
    private struct Words {
        let model: String
        let image: String
        let values: [String: String]

        init(_ text: String, known: [String]) throws(Unreadable) {
            var words = [""]
            var isQuoted = false
            for character in text {
                if character == "\"" {
                    isQuoted.toggle()
                } else if character == " ", !isQuoted {
                    words.append("")
                } else {
                    words[words.count - 1].append(character)
                }
            }
            words.removeAll { $0.isEmpty }
            guard words.count >= 2 else {
                throw Unreadable(
                    reason: "a model and a picture are needed: canny edges.png scale=0.8")
            }
            model = words[0]
            image = words[1]
            var values: [String: String] = [:]
            for word in words.dropFirst(2) {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, known.contains(parts[0]) else {
                    throw Unreadable(
                        reason: "\(word) is not one of "
                            + known.map { $0 + "=" }.joined(separator: " "))
                }
                values[parts[0]] = parts[1]
            }
            self.values = values
        }

        func number(_ key: String, in range: ClosedRange<Double>) throws(Unreadable) -> Double? {
            guard let text = values[key] else { return nil }
            guard let number = Double(text), range.contains(number) else {
                throw Unreadable(
                    reason: "\(key) is a number from \(AppState.text(range.lowerBound)) to "
                        + AppState.text(range.upperBound))
            }
            return number
        }
    }
}
