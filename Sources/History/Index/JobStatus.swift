/// Where a job stands, as the last record about it says.
public enum JobStatus: String, Codable, CaseIterable, Sendable {
    case queued, running, finished, failed, cancelled, interrupted

    /// Compact form in the index.
    var code: UInt8 { UInt8(Self.allCases.firstIndex(of: self) ?? 0) }

    init?(code: UInt8) {
        guard Int(code) < Self.allCases.count else { return nil }
        self = Self.allCases[Int(code)]
    }

    /// Whether nothing more is to come.
    public var isOver: Bool { self != .queued && self != .running }
}
