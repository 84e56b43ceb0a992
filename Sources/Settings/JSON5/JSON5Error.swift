/// Where and why a JSON5 document cannot be read.
public struct JSON5Error: Error, Hashable {
    /// Line, from 1.
    public let line: Int
    /// What was expected there, in words.
    public let reason: String
}
