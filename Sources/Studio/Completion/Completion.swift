import Prompting
import Screen

/// Names that could stand at the cursor of an editor or a value: what the popup under it lists.
public struct Completion: Hashable, Sendable {
    /// What a name stands for.
    public enum Kind: String, Hashable, Sendable {
        case lora = "LoRA"
        case style
        case wildcard
        case embedding
        case model
        case vae = "VAE"
        case controlNet = "ControlNet"
        case imageAdapter = "IP-Adapter"
        case checker
        case file
        case folder
        /// A word of a value's own language.
        case option = ""
    }

    /// One line of the popup.
    public struct Item: Hashable, Sendable {
        public let kind: Kind
        public let name: String
        public let detail: String
        /// What is written in place of what was typed; nil: what its kind needs in a prompt.
        public internal(set) var insertion: String?
        /// Whether more has to follow.
        public internal(set) var continues = false
    }

    /// The editor.
    public let pane: Pane
    /// The characters that the chosen name replaces.
    public let range: Range<Int>
    /// What matches what was typed, best first; never empty.
    public let items: [Item]
    /// Index into ``items``.
    public private(set) var selection = 0
    /// Whether Enter takes the selected name: it was asked for by a bracket, or selected by hand.
    public private(set) var takesEnter: Bool

    /// What can follow the text before the cursor; nil when nothing can.
    ///
    /// - Parameter isAsked: whether a key asked for it: then all names are shown where nothing was
    ///   typed, and one letter is enough.
    init?(_ editor: TextEditor, in pane: Pane, of library: Library, isAsked: Bool = false) {
        guard editor.selection == nil else { return nil }
        let trigger = Trigger(editor.characters, cursor: editor.cursor)
        guard trigger.isBracketed || isAsked || trigger.query.count >= 2 else { return nil }
        // Behind a bracket only those words that begin with one.
        let names = trigger.kinds.flatMap { library.items(of: $0) }.filter {
            $0.kind != .embedding || !trigger.isBracketed || $0.name.hasPrefix("<")
        }
        let found = Self.matches(trigger.query, in: names)
        // A name that is there already needs no help.
        if !trigger.isBracketed, found.count == 1, found[0].name == trigger.query { return nil }
        guard !found.isEmpty else { return nil }
        self.pane = pane
        range = trigger.start..<editor.cursor
        items = found
        takesEnter = trigger.isBracketed || isAsked
    }

    init(pane: Pane, range: Range<Int>, items: [Item], takesEnter: Bool) {
        self.pane = pane
        self.range = range
        self.items = items
        self.takesEnter = takesEnter
    }

    /// Moves the selection round.
    mutating func move(_ offset: Int) {
        selection = (selection + offset + items.count) % items.count
        takesEnter = true
    }

    /// The selected name.
    public var chosen: Item { items[selection] }

    /// Names that begin with the query, then those that contain it; at most 200.
    static func matches(_ query: String, in items: [Item]) -> [Item] {
        let query = query.lowercased()
        guard !query.isEmpty else { return Array(items.prefix(200)) }
        var first: [Item] = []
        var second: [Item] = []
        for item in items {
            let name = item.name.lowercased()
            if name.hasPrefix(query) {
                first.append(item)
            } else if query.count > 1, name.contains(query) {
                second.append(item)
            }
        }
        return Array((first + second).prefix(200))
    }
}

extension Completion.Item {
    /// What is written into the prompt; nil for a style, which is a parameter.
    var text: String? {
        if let insertion { return insertion }
        return switch kind {
        case .lora: "<lora:\(name):1>"
        case .wildcard: "__\(name)__"
        case .style: nil
        default: name
        }
    }
}

extension Library {
    func items(of kind: Completion.Kind) -> [Completion.Item] {
        let entries: [Entry] =
            switch kind {
            case .lora: loras
            case .style: styles
            case .wildcard: wildcards
            case .embedding: embeddings
            case .model: models
            case .vae: vaes
            case .controlNet: controlNets
            case .imageAdapter: imageAdapters
            case .checker: safetyCheckers
            case .file, .folder, .option: []
            }
        return entries.map { .init(kind: kind, name: $0.name, detail: $0.summary) }
    }
}

/// What was begun before the cursor: `<lo`, `<lora:na`, `__na` or a word.
private struct Trigger {
    /// Where it begins.
    var start: Int
    /// What has been typed of the name.
    var query: String
    var kinds: [Completion.Kind]
    var isBracketed: Bool

    /// Longest name that is looked for.
    private static let reach = 100

    init(_ characters: [Character], cursor: Int) {
        let from = max(0, cursor - Self.reach)
        if let tag = Self.tag(characters, from..<cursor) {
            self = tag
            return
        }
        var word = cursor
        while word > from, Self.isPartOfName(characters[word - 1]) { word -= 1 }
        if let wildcard = Self.wildcard(characters, word..<cursor) {
            self = wildcard
            return
        }
        start = word
        query = String(characters[word..<cursor])
        kinds = query.isEmpty ? [.embedding, .lora, .style, .wildcard] : [.embedding]
        isBracketed = false
    }

    private init(
        _ start: Int, _ query: some Sequence<Character>, _ kinds: [Completion.Kind]
    ) {
        self.start = start
        self.query = String(query)
        self.kinds = kinds
        isBracketed = true
    }

    private static func isPartOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-_./".contains(character)
    }

    /// `<`, `<na`, `<lora:na`, `<style:na`; nil when the tag is complete or has its weight.
    private static func tag(_ characters: [Character], _ range: Range<Int>) -> Trigger? {
        guard let open = characters[range].lastIndex(of: "<") else { return nil }
        let inside = characters[(open + 1)..<range.upperBound]
        guard !inside.contains(where: { $0 == ">" || $0 == "\n" || $0 == "," }) else { return nil }
        let fields = inside.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        switch (fields.count, fields.count > 1 ? String(fields[0]).lowercased() : "") {
        case (0, _), (1, _):
            // `<lo` may be the beginning of `<lora:`.
            let begun = String(inside).lowercased()
            if !begun.isEmpty, "lora:".hasPrefix(begun) { return Trigger(open, "", [.lora]) }
            return Trigger(open, inside, [.lora, .style, .embedding])
        case (2, "lora"), (2, "lyco"): return Trigger(open, fields[1], [.lora])
        case (2, "style"): return Trigger(open, fields[1], [.style])
        default: return nil
        }
    }

    /// `__na`; nil when the word holds no underscores or they are closed.
    private static func wildcard(_ characters: [Character], _ word: Range<Int>) -> Trigger? {
        var open: Int?
        var index = word.lowerBound
        while index + 1 < word.upperBound {
            if characters[index] == "_", characters[index + 1] == "_" {
                open = open == nil ? index : nil
                index += 2
            } else {
                index += 1
            }
        }
        guard let open else { return nil }
        return Trigger(open, characters[(open + 2)..<word.upperBound], [.wildcard])
    }
}
