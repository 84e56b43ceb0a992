import Generation

/// The part of a parameter's value under the cursor, and what could stand there.
struct ValueSlot {
    /// What a path leads to.
    enum Files {
        /// PNG or JPEG.
        case pictures
        /// Safetensors files, and folders that hold a network.
        case weights

        private var endings: [String] {
            switch self {
            case .pictures: [".png", ".jpg", ".jpeg"]
            case .weights: [".safetensors"]
            }
        }

        func accepts(_ entry: FolderListing.Entry) -> Bool {
            let name = entry.name.lowercased()
            return entry.isFolder || endings.contains { name.hasSuffix($0) }
        }
    }

    /// The characters that a chosen name replaces.
    let range: Range<Int>
    /// What was typed of the name, without quotation marks.
    let query: String
    /// Names that are known.
    var names: [Completion.Kind] = []
    /// Words of the value's own language.
    var words: [String] = []
    /// Files that could be named; nil: none.
    var files: Files?
    /// Whether a file is written as `name=file`, bound to a word.
    var bindsFile = false
    /// Whether spaces end the name, so that one with spaces needs quotation marks.
    var isWord = false

    /// The folder that was typed, with its slash; empty without one.
    var folder: String {
        query.lastIndex(of: "/").map { String(query[...$0]) } ?? ""
    }

    /// What was typed of the name inside ``folder``.
    var part: String {
        query.lastIndex(of: "/").map { String(query[query.index(after: $0)...]) } ?? query
    }

    /// The slot at the cursor of a value; nil where nothing is known that could stand there.
    init?(_ parameter: ParameterID, _ characters: [Character], cursor: Int) {
        let typed = characters[..<cursor]
        switch parameter {
        case .initImage, .maskImage: self.init(typed, files: .pictures)
        case .vae: self.init(typed, names: [.vae], files: .weights)
        case .model, .refiner: self.init(typed, names: [.model], files: .weights)
        case .safetyChecker: self.init(typed, names: [.checker], files: .weights)
        case .loras:
            let element = Self.element(typed, separator: ",")
            guard !element.contains(":") else { return nil }
            self.init(element, names: [.lora], files: .weights)
        case .embeddings:
            let element = Self.element(typed, separator: ",")
            guard let equals = element.firstIndex(of: "=") else {
                // A file gives its name to the word.
                self.init(element, files: .weights)
                bindsFile = true
                return
            }
            self.init(element[(equals + 1)...], names: [.embedding], files: .weights)
        case .controls: self.init(words: typed, leading: .controlNet, options: Self.controlOptions)
        case .imagePrompts:
            self.init(words: typed, leading: .imageAdapter, options: Self.imagePromptOptions)
        default: return nil
        }
    }

    private init(
        _ typed: ArraySlice<Character>, names: [Completion.Kind] = [], files: Files? = nil
    ) {
        range = typed.startIndex..<typed.endIndex
        query = String(typed)
        self.names = names
        self.files = files
    }

    /// `model picture key=value ...`: what stands at the end of the last element.
    private init?(
        words typed: ArraySlice<Character>, leading: Completion.Kind, options: [Option]
    ) {
        let words = Self.words(Self.element(typed, separator: ";"))
        guard let word = words.last else { return nil }
        isWord = true
        switch words.count {
        case 1: (range, query, names, files) = (word.range, word.text, [leading], .weights)
        case 2: (range, query, files) = (word.range, word.text, .pictures)
        default:
            guard let equals = word.text.firstIndex(of: "=") else {
                (range, query) = (word.range, word.text)
                self.words = options.map { $0.key + "=" }
                return
            }
            guard let option = options.first(where: { $0.key == word.text[..<equals] }) else {
                return nil
            }
            let skipped = word.text[...equals].count
            range = (word.range.lowerBound + skipped)..<word.range.upperBound
            query = String(word.text[word.text.index(after: equals)...])
            self.words = option.values
            files = option.files
            if option.values.isEmpty, option.files == nil { return nil }
        }
    }

    /// `key=` and what may follow it.
    private struct Option {
        let key: String
        var values: [String] = []
        var files: Files?
    }

    private static let controlOptions = [
        Option(key: "scale"), Option(key: "start"), Option(key: "end"),
        Option(key: "preprocess", values: ControlReference.preprocessors),
    ]

    private static let imagePromptOptions = [
        Option(key: "scale"),
        Option(key: "method", values: ImagePromptReference.Method.allCases.map(\.rawValue)),
        Option(key: "mask", files: .pictures), Option(key: "word"),
    ]

    /// What follows the last separator outside of quotation marks, without leading spaces.
    private static func element(
        _ typed: ArraySlice<Character>, separator: Character
    ) -> ArraySlice<Character> {
        var start = typed.startIndex
        var isQuoted = false
        for index in typed.indices {
            if typed[index] == "\"" { isQuoted.toggle() }
            if typed[index] == separator, !isQuoted { start = index + 1 }
        }
        return typed[start...].drop { $0 == " " }
    }

    /// The words up to the cursor; the last one is empty behind a space.
    private static func words(
        _ typed: ArraySlice<Character>
    ) -> [(range: Range<Int>, text: String)] {
        var words: [(range: Range<Int>, text: String)] = []
        var start = typed.startIndex
        var text = ""
        var isQuoted = false
        for index in typed.indices {
            if typed[index] == "\"" {
                isQuoted.toggle()
            } else if typed[index] == " ", !isQuoted {
                if start < index { words.append((start..<index, text)) }
                (start, text) = (index + 1, "")
            } else {
                text.append(typed[index])
            }
        }
        return words + [(start..<typed.endIndex, text)]
    }
}
