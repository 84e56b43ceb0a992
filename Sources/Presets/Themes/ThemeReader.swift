import Foundation
import Settings

/// Reads one theme file.
///
/// ```json5
/// {
///   summary: "Blue night.", background: "dark",
///   colors: { night: "#10141f", ice: "#9fd0ff" },
///   roles: {
///     text: { fg: "#d5dbe5", bg: "night" },
///     "border.focused": "ice",
///     selection: { bg: "ice", fg: "night", bold: true, bg16: "cyan", fg16: "black" },
///   },
/// }
/// ```
struct ThemeReader {
    private var file: DataFile
    private var colors: [String: ThemeColor] = [:]

    /// Reads a theme; nil when the file as a whole cannot be used.
    static func read(_ url: URL) -> (theme: Theme?, problems: [PresetProblem]) {
        var reader = ThemeReader(file: DataFile(path: url.path))
        let name = url.deletingPathExtension().lastPathComponent
        let theme = reader.theme(named: name, url)
        return (theme, reader.file.problems)
    }

    private mutating func theme(named name: String, _ url: URL) -> Theme? {
        guard let members = file.readTop(url) else { return nil }
        var theme = Theme(name: name)
        // Colours come first wherever they stand, because roles name them.
        if let member = members.first(where: { $0.key == "colors" }) { readColors(member) }
        for member in members {
            switch member.key {
            case "colors": break
            case "summary": theme.summary = file.text(member.value, "summary") ?? ""
            case "background": theme.isDark = background(member)
            case "roles": theme.styles = roles(member)
            default: file.warn(member.line, member.key, "this key means nothing in a theme")
            }
        }
        return theme
    }

    private mutating func background(_ member: PositionedValue.Member) -> Bool? {
        switch file.text(member.value, member.key) {
        case nil, "any": return nil
        case "dark": return true
        case "light": return false
        default:
            file.fail(member.line, member.key, "dark, light or any is expected")
            return nil
        }
    }

    private mutating func readColors(_ member: PositionedValue.Member) {
        for entry in file.object(member.value, member.key) ?? [] {
            guard let text = file.text(entry.value, "colors.\(entry.key)") else { continue }
            if ThemeColor(entry.key) != nil {
                file.fail(
                    entry.line, "colors.\(entry.key)", "the terminal's own names keep their meaning"
                )
            } else if let color = ThemeColor(text) {
                colors[entry.key] = color
            } else {
                file.fail(entry.line, "colors.\(entry.key)", Self.colorReason(text))
            }
        }
    }

    private static func colorReason(_ text: String) -> String {
        "\"\(text)\" is no colour; accepted are #rrggbb, default, a number 0 to 255, "
            + "black to bright-white, or a name from colors"
    }

    private mutating func roles(_ member: PositionedValue.Member) -> [ThemeRole: ThemeStyle] {
        var styles: [ThemeRole: ThemeStyle] = [:]
        for entry in file.object(member.value, member.key) ?? [] {
            guard let role = ThemeRole(rawValue: entry.key) else {
                file.warn(entry.line, "roles.\(entry.key)", "there is no such role")
                continue
            }
            styles[role] = style(entry)
        }
        return styles
    }

    private mutating func style(_ entry: PositionedValue.Member) -> ThemeStyle? {
        let key = "roles.\(entry.key)"
        if case .text(let text) = entry.value.content {
            return color(text, entry.value.line, key).map { ThemeStyle(foreground: $0) }
        }
        guard let members = file.object(entry.value, key) else { return nil }
        var style = ThemeStyle()
        for member in members {
            let place = "\(key).\(member.key)"
            if let attribute = ThemeStyle.Attributes.byName[member.key] {
                if file.flag(member.value, place) == true { style.attributes.insert(attribute) }
                continue
            }
            guard ["fg", "bg", "fg16", "bg16"].contains(member.key) else {
                file.warn(member.line, place, "this key means nothing in a role")
                continue
            }
            guard let text = file.text(member.value, place),
                let color = color(text, member.line, place)
            else { continue }
            switch member.key {
            case "fg": style.foreground = color
            case "bg": style.background = color
            case "fg16": style.foreground16 = color
            default: style.background16 = color
            }
        }
        return style
    }

    private mutating func color(_ text: String, _ line: Int, _ key: String) -> ThemeColor? {
        if let color = colors[text] ?? ThemeColor(text) { return color }
        file.fail(line, key, Self.colorReason(text))
        return nil
    }
}
