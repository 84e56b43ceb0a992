import CKernels
import Foundation

/// A set of CPU instructions that the kernels are written for, each including those before it.
public enum InstructionLevel: Int, Sendable, CaseIterable, Comparable {
    case plain, avx2, avx512, avx512BF16

    /// The highest level that this machine can run.
    public static var best: InstructionLevel {
        InstructionLevel(rawValue: Int(ck_best_level())) ?? .plain
    }

    /// The environment variable that lowers the level of a whole program, for tests and for
    /// machines whose best level is not their fastest.
    public static let environmentVariable = "LATENT_CPU"

    /// The level to use unless told otherwise: what the environment variable names, at most the
    /// best one; the best one where it is unset or no level's name.
    public static let preferred: InstructionLevel = {
        let name = ProcessInfo.processInfo.environment[environmentVariable]
        return min(name.flatMap { InstructionLevel(name: $0) } ?? best, best)
    }()

    /// What the environment variable holds when that is no level's name.
    public static var unknownName: String? {
        guard let name = ProcessInfo.processInfo.environment[environmentVariable],
            InstructionLevel(name: name) == nil
        else { return nil }
        return name
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

    /// Whether products of int8 run faster than others at this level: it takes VNNI.
    public var hasInt8: Bool { ck_has_int8(code) != 0 }

    public static func < (left: InstructionLevel, right: InstructionLevel) -> Bool {
        left.rawValue < right.rawValue
    }

    var code: Int32 { Int32(rawValue) }
}
