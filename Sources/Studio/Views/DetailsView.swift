import Generation
import Presets
import Screen

/// All about a history entry: how it ended, its prompts and parameters, and what differs from the
/// entry that it was made from.
enum DetailsView {
    /// Text in one role.
    private typealias Span = (text: String, role: ThemeRole)

    static func draw(
        _ id: String, _ scroll: Int, _ state: AppState, _ frame: Rect, _ painter: inout Painter
    ) {
        let inner = painter.popup(frame, title: "Details", note: "Esc closes")
        let lines = lines(id, state, width: inner.width - 2)
        for row in 0..<max(0, inner.height) where lines.indices.contains(scroll + row) {
            var x = inner.x + 1
            for (text, role) in lines[scroll + row] {
                x = painter.text(
                    text, x: x, y: inner.y + row, width: inner.maxX - x, role: role,
                    on: .popup)
            }
        }
        painter.scrollMarks(
            inner, first: scroll, shown: inner.height, count: lines.count, on: .popup)
    }

    /// How far the details can be scrolled.
    static func lastScroll(_ id: String, _ state: AppState) -> Int {
        guard let frame = LayerView.frame(of: .details(entry: id, scroll: 0), in: state) else {
            return 0
        }
        return max(0, lines(id, state, width: frame.width - 4).count - (frame.height - 2))
    }

    private static func lines(_ id: String, _ state: AppState, width: Int) -> [[Span]] {
        guard width > 0, let entry = state.history.entry(id) else {
            return []
        }
        let comparison = state.comparison.flatMap { $0.entry == id ? $0 : nil }
        let date = DateText.text(entry.date, in: state.timeZone)
        var paragraphs: [[Span]] = [
            [(entry.status.rawValue, .textHeading), (" · \(date)", .textDimmed)]
        ]
        if let problem = entry.problem { paragraphs.append([(problem, .statusProblem)]) }
        paragraphs += entry.warnings.map { [($0, .statusWarning)] }
        if let replay = state.replays[id], replay.isOver {
            paragraphs += [[], [("Replay: \(replay.state.word)", .textHeading)]]
            paragraphs += replay.details.map { [($0, .text)] }
        }
        if entry.parent != nil { paragraphs += difference(comparison) }
        paragraphs += prompt("Prompt", entry.request.prompt, comparison?.prompt ?? [])
        paragraphs += prompt(
            "Negative", entry.request.negativePrompt ?? "", comparison?.negative ?? [])
        paragraphs += [[], [("Parameters", .textHeading)]] + parameters(entry)
        if !entry.tags.isEmpty {
            let tags = entry.tags.map { "#\($0)" }.joined(separator: " ")
            paragraphs += [[], [("Tags", .textHeading)], [(tags, .text)]]
        }
        if !entry.note.isEmpty {
            paragraphs += [[], [("Note", .textHeading)], [(entry.note, .text)]]
        }
        return paragraphs.flatMap { wrapped($0, width) }
    }

    private static func difference(_ comparison: EntryComparison?) -> [[Span]] {
        var lines: [[Span]] = [[], [("Against the entry it was made from", .textHeading)]]
        guard let comparison else { return lines + [[("reading …", .textDimmed)]] }
        for change in comparison.changes {
            lines.append([
                (label(change.field), .label),
                (change.old.isEmpty ? "default" : change.old, .diffRemoved), (" → ", .textDimmed),
                (change.new.isEmpty ? "default" : change.new, .diffAdded),
            ])
        }
        let words = [("prompt", comparison.prompt), ("negative prompt", comparison.negative)]
        let changed = words.filter { !$0.1.isEmpty }.map(\.0)
        if !changed.isEmpty {
            lines.append([("changed: \(changed.joined(separator: ", "))", .text)])
        } else if comparison.changes.isEmpty {
            lines.append([("nothing differs", .textDimmed)])
        }
        return lines
    }

    /// A prompt with what was taken out and put in, as far as it was compared.
    private static func prompt(
        _ title: String, _ text: String, _ pieces: [EntryComparison.Piece]
    ) -> [[Span]] {
        guard !text.isEmpty || !pieces.isEmpty else { return [] }
        var spans: [Span] = []
        for piece in pieces {
            // What takes the place of something stands apart from it.
            if piece.kind == .added, spans.last?.role == .diffRemoved,
                spans.last?.text.last?.isWhitespace == false,
                piece.text.first?.isWhitespace == false
            {
                spans.append((" ", .text))
            }
            spans.append((piece.text, role(piece.kind)))
        }
        return [[], [(title, .textHeading)], spans.isEmpty ? [(text, .text)] : spans]
    }

    private static func role(_ kind: EntryComparison.Piece.Kind) -> ThemeRole {
        switch kind {
        case .same: .text
        case .removed: .diffRemoved
        case .added: .diffAdded
        }
    }

    private static func parameters(_ entry: HistoryEntry) -> [[Span]] {
        RequestField.allCases.compactMap { field -> [Span]? in
            guard ![.version, .prompt, .negativePrompt, .expansion].contains(field),
                field == .backend || entry.request.isGiven(field)
            else { return nil }
            var value = entry.request.value(of: field).description
            if field == .seeds { value = value.split(separator: ",").joined(separator: ", ") }
            return value.isEmpty ? nil : [(label(field), .label), (value, .value)]
        }
    }

    /// The name of a field as the parameters pane has it, in a column of its own.
    private static func label(_ field: RequestField) -> String {
        let name = ParameterID.allCases.first { $0.field == field }?.label ?? field.rawValue
        return name + String(repeating: " ", count: max(2, 12 - name.count))
    }

    /// A paragraph in lines of a width; what stands behind a label stays behind it.
    private static func wrapped(_ spans: [Span], _ width: Int) -> [[Span]] {
        guard let first = spans.first, first.role == .label, spans.count > 1,
            case let indent = TextWidth.width(of: first.text), indent < width / 2
        else { return broken(spans, width) }
        let gap: Span = (String(repeating: " ", count: indent), .text)
        return broken(Array(spans.dropFirst()), width - indent).enumerated().map {
            [$0 == 0 ? first : gap] + $1
        }
    }

    /// A paragraph in lines of a width, every character in its role.
    private static func broken(_ spans: [Span], _ width: Int) -> [[Span]] {
        let characters = spans.flatMap { Array($0.text) }
        let roles = spans.flatMap { [ThemeRole](repeating: $0.role, count: $0.text.count) }
        return TextLayout(characters, width: width).lines.map { line in
            var result: [Span] = []
            for index in line.range {
                if result.last?.role == roles[index] {
                    result[result.count - 1].text.append(characters[index])
                } else {
                    result.append((String(characters[index]), roles[index]))
                }
            }
            return result
        }
    }
}
