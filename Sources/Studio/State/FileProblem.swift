import Generation

/// Something wrong with a file that a parameter names: it is not there, or does not fit the model.
public struct FileProblem: Hashable, Sendable {
    /// The parameter's field; nil where that is not known.
    public let field: RequestField?
    /// A sentence for people.
    public let sentence: String

    public init(field: RequestField?, sentence: String) {
        self.field = field
        self.sentence = sentence
    }
}
