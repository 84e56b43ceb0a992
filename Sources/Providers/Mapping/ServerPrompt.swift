import Foundation
import Generation
import Prompting

/// The prompts of a request as a server of one's own gets them.
struct ServerPrompt: Hashable, Sendable {
    /// What stands for `<sd_cpp_extra_args>`.
    private static let extraArguments = "sd_cpp_extra_args"

    /// The text without extra arguments.
    var text: String
    /// The negative text without extra arguments; nil when there is none.
    var negative: String?
    /// Whether a tag that stable-diffusion.cpp would obey was taken out.
    var hasLostArguments: Bool

    init(_ request: GenerationRequest) {
        let (text, lostText) = Self.withoutArguments(request.effectivePrompt)
        let negative = request.effectiveNegativePrompt.map { Self.withoutArguments($0) }
        self.text = text
        self.negative = negative?.text
        hasLostArguments = lostText || negative?.isCut == true
    }

    /// The LoRAs of the request and of the prompt's tags, and the prompt without tags: for servers
    /// that read no tags.
    func resolved(_ loras: [LoRAReference]) -> (text: String, loras: [LoRAReference]) {
        let (rest, tags) = LoRATag.extract(from: text)
        return (rest, loras + tags.map { LoRAReference(name: $0.name, weight: $0.weight) })
    }

    /// The text with the request's LoRAs as tags: for servers that read them. Of two numbers, the
    /// first is for the text encoders and the second for the UNet.
    func tagged(_ loras: [LoRAReference]) -> String {
        let tags = loras.map { lora in
            let weights = (lora.textEncoderWeight.map { [$0] } ?? []) + [lora.weight]
            let numbers = weights.map(Self.number).joined(separator: ":")
            return "<lora:\(Self.tagName(lora.name)):\(numbers)>"
        }
        return ([text] + tags).filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// A tag has no room for folders, endings, colons and angle brackets.
    private static func tagName(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let name = file.hasSuffix(".safetensors") ? String(file.dropLast(12)) : file
        return name.filter { !":<>".contains($0) }
    }

    private static func number(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? String(value)
    }

    /// Takes `<sd_cpp_extra_args>...</sd_cpp_extra_args>` out: settings that a prompt smuggles in.
    private static func withoutArguments(_ prompt: String) -> (text: String, isCut: Bool) {
        let (open, close) = ("<\(extraArguments)>", "</\(extraArguments)>")
        var text = prompt
        while let start = text.range(of: open) {
            let end = text.range(of: close, range: start.upperBound..<text.endIndex)
            text.removeSubrange(start.lowerBound..<(end?.upperBound ?? start.upperBound))
        }
        return (text, text != prompt)
    }
}
