import Foundation
import Generation
import Settings

/// Reads files of styles and parameter presets.
///
/// ```json5
/// {
///   group: "Painting",
///   styles: {
///     "oil-painting": { title: "Oil painting", prompt: "oil painting of {prompt}, ...", negative: "photo" },
///   },
///   presets: {
///     draft: { title: "Draft", summary: "Fast.", set: { steps: 12 } },
///     portrait: { title: "Portrait", aspect: "13:19" },
///   },
/// }
/// ```
struct PresetReader {
    private(set) var styles: [StylePreset] = []
    private(set) var parameters: [ParameterPreset] = []
    private(set) var problems: [PresetProblem] = []

    mutating func read(_ url: URL) {
        var file = DataFile(path: url.path)
        defer { problems += file.problems }
        guard let members = file.readTop(url) else { return }
        var group = "Own"
        if let member = members.first(where: { $0.key == "group" }) {
            group = file.text(member.value, "group") ?? group
        }
        for member in members where member.key != "group" {
            switch member.key {
            case "styles":
                for entry in file.object(member.value, member.key) ?? [] {
                    readStyle(entry, group, &file)
                }
            case "presets":
                for entry in file.object(member.value, member.key) ?? [] {
                    readParameters(entry, &file)
                }
            default: file.warn(member.line, member.key, "this key means nothing in a preset file")
            }
        }
    }

    private mutating func readStyle(
        _ entry: PositionedValue.Member, _ group: String, _ file: inout DataFile
    ) {
        let key = "styles.\(entry.key)"
        guard let members = file.object(entry.value, key) else { return }
        var style = StylePreset(name: entry.key, title: entry.key, group: group, prompt: "")
        for member in members {
            let place = "\(key).\(member.key)"
            switch member.key {
            case "title": style.title = file.text(member.value, place) ?? style.title
            case "prompt": style.prompt = file.text(member.value, place) ?? ""
            case "negative": style.negative = file.text(member.value, place) ?? ""
            default: file.warn(member.line, place, "this key means nothing in a style")
            }
        }
        guard style.prompt.contains(StylePreset.slot) else {
            file.fail(entry.line, "\(key).prompt", "the prompt needs a place for {prompt}")
            return
        }
        if let index = styles.firstIndex(where: { $0.name == style.name }) {
            styles[index] = style
        } else {
            styles.append(style)
        }
    }

    private mutating func readParameters(
        _ entry: PositionedValue.Member, _ file: inout DataFile
    ) {
        let key = "presets.\(entry.key)"
        guard let members = file.object(entry.value, key) else { return }
        var preset = ParameterPreset(
            name: entry.key, title: entry.key, fields: [], values: GenerationRequest(prompt: ""))
        for member in members {
            let place = "\(key).\(member.key)"
            switch member.key {
            case "title": preset.title = file.text(member.value, place) ?? preset.title
            case "summary": preset.summary = file.text(member.value, place) ?? ""
            case "aspect": preset.aspectRatio = aspectRatio(member, place, &file)
            case "set":
                for field in file.object(member.value, place) ?? [] {
                    set(field, "\(place).\(field.key)", in: &preset, &file)
                }
            default: file.warn(member.line, place, "this key means nothing in a preset")
            }
        }
        guard !preset.fields.isEmpty || preset.aspectRatio != nil else {
            file.fail(entry.line, key, "the preset sets nothing; it needs \"set\" or \"aspect\"")
            return
        }
        if let index = parameters.firstIndex(where: { $0.name == preset.name }) {
            parameters[index] = preset
        } else {
            parameters.append(preset)
        }
    }

    private func aspectRatio(
        _ member: PositionedValue.Member, _ key: String, _ file: inout DataFile
    ) -> ParameterPreset.AspectRatio? {
        guard let text = file.text(member.value, key) else { return nil }
        let sides = text.split(separator: ":").compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy({ 1...100 ~= $0 }),
            0.125...8 ~= Double(sides[0]) / Double(sides[1])
        else {
            file.fail(
                member.line, key, "\"\(text)\" is no shape; \"13:19\" is one, at most 1:8 or 8:1")
            return nil
        }
        return .init(width: sides[0], height: sides[1])
    }

    /// Decodes one field as the request itself does, so that names and types agree with it.
    private func set(
        _ member: PositionedValue.Member, _ key: String, in preset: inout ParameterPreset,
        _ file: inout DataFile
    ) {
        guard let field = RequestField(rawValue: member.key),
            GenerationRequest.presetFields.contains(field)
        else {
            let known = GenerationRequest.presetFields.map(\.rawValue).sorted()
            file.fail(
                member.line, key,
                "a preset cannot set this; it can set " + known.joined(separator: ", "))
            return
        }
        guard let object = member.value.json,
            let data = try? JSONSerialization.data(
                withJSONObject: ["prompt": "", member.key: object]),
            let request = try? JSONDecoder().decode(GenerationRequest.self, from: data)
        else {
            file.fail(member.line, key, "\(member.value.shown) is no value of this field")
            return
        }
        preset.values.copy(field, from: request)
        preset.fields.append(field)
    }
}

extension PositionedValue {
    /// The value as Foundation's JSON takes it; nil for numbers that JSON does not have.
    fileprivate var json: Any? {
        switch content {
        case .null: return NSNull()
        case .bool(let flag): return flag
        case .number(let number): return number.isFinite ? number : nil
        case .text(let text): return text
        case .list(let elements):
            let values = elements.compactMap(\.json)
            return values.count == elements.count ? values : nil
        case .object(let members):
            var object: [String: Any] = [:]
            for member in members { object[member.key] = member.value.json }
            return object.count == members.count ? object : nil
        }
    }

    /// The value in a message.
    fileprivate var shown: String {
        switch content {
        case .number(let number): String(number)
        case .text(let text): "\"\(text)\""
        case .bool(let flag): String(flag)
        default: kind
        }
    }
}
