/// What the typed prompts became after wildcards and style; recorded beside what was typed.
public struct PromptExpansion: Codable, Hashable, Sendable {
    /// For the first encoder.
    public var prompt: String
    /// The negative prompt, nil when there is none.
    public var negativePrompt: String?
    /// The second encoder's text where that was expanded; nil: as typed.
    public var prompt2: String?
    /// The second encoder's negative text where that was expanded; nil: as typed.
    public var negativePrompt2: String?
    /// The draws behind a dynamic prompt; nil without one.
    public var draws: PromptDraws?

    /// Records the texts that the encoders read.
    public init(prompt: String, negativePrompt: String?) {
        self.prompt = prompt
        self.negativePrompt = negativePrompt
    }
}

/// How a dynamic prompt was expanded: with it, one draw can be made again while the others stay.
public struct PromptDraws: Codable, Hashable, Sendable {
    /// One draw.
    public struct Draw: Codable, Hashable, Sendable {
        /// Its place: the field, and where in the text; the same in every expansion.
        public var id: String
        /// What was drawn from: the braces' text or the wildcard's name.
        public var source: String
        /// What came out, by index of the options.
        public var picks: [Int]
        /// How many options there were.
        public var options: Int

        /// A draw that was made.
        public init(id: String, source: String, picks: [Int], options: Int) {
            self.id = id
            self.source = source
            self.picks = picks
            self.options = options
        }
    }

    /// The seed of all draws: the job's first.
    public var seed: UInt64
    /// In the order in which they were made.
    public var draws: [Draw]
    /// How often a draw was made again, by its place.
    public var rerolls: [String: Int]

    /// Records draws.
    public init(seed: UInt64, draws: [Draw], rerolls: [String: Int]) {
        self.seed = seed
        self.draws = draws
        self.rerolls = rerolls
    }
}
