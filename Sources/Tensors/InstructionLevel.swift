import CKernels

/// A set of CPU instructions that the kernels are written for, each including those before it.
public enum InstructionLevel: Int, Sendable, CaseIterable, Comparable {
    case plain, avx2, avx512, avx512BF16

    /// The highest level that this machine can run.
    public static var best: InstructionLevel {
        InstructionLevel(rawValue: Int(ck_best_level())) ?? .plain
    }

    /// The level's name in reports and options.
    public var name: String {
        switch self {
        case .plain: "plain"
        case .avx2: "avx2"
        case .avx512: "avx512"
        case .avx512BF16: "avx512-bf16"
        }
    }

    /// The level with this name, nil when there is none.
    public init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    public static func < (left: InstructionLevel, right: InstructionLevel) -> Bool {
        left.rawValue < right.rawValue
    }

    var code: Int32 { Int32(rawValue) }
}
