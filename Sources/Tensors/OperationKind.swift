/// What an operation is counted as in a profile.
public enum OperationKind: String, Sendable, CaseIterable {
    case linear, convolution, attention, norm, other, prepare
}
