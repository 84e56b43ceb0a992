import Foundation
import Generation

/// How a picture of a replay compares with the first time.
public struct ReplayVerdict: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable {
        /// The same pixels, bit for bit.
        case identical
        /// Not the same bits, but at least 30 dB alike.
        case close
        /// Another picture.
        case different
        /// Nothing is recorded that it could be compared with.
        case unverifiable
    }

    /// What became of the recorded picture file.
    public enum Original: String, Codable, Sendable {
        /// It is as recorded.
        case intact
        /// It is gone; the replay gives it anew.
        case missing
        /// Its pixels are not the recorded ones.
        case changed
        /// It was not looked at.
        case unknown
    }

    /// Which picture of the request, from 0.
    public var index: Int
    public var seed: UInt64?
    public var kind: Kind
    /// Peak signal-to-noise ratio in dB, when the original could be read and differs.
    public var psnr: Double?
    /// Why it differs, the likeliest first.
    public var reasons: [String]
    /// What became of the original.
    public var original: Original
    public var recordedSHA256: String?
    public var pixelsSHA256: String

    /// One line: `identical`, `close PSNR 48.2 dB`, `different: <why>`.
    public var text: String {
        let why = reasons.isEmpty ? "no recorded reason" : reasons.joined(separator: "; ")
        let note =
            switch original {
            case .missing: " (the original is gone; --output saves this one)"
            case .changed: " (the file on disk was changed since)"
            case .intact, .unknown: ""
            }
        switch kind {
        case .identical: return "identical" + note
        case .close: return "close PSNR \(Self.decibels(psnr ?? 0)) dB: \(why)" + note
        case .different:
            let ratio = psnr.map { " PSNR \(Self.decibels($0)) dB" } ?? ""
            return "different\(ratio): \(why)" + note
        case .unverifiable: return "not verifiable: no checksum is recorded" + note
        }
    }

    private static func decibels(_ value: Double) -> String {
        String(Double(Int((value * 10).rounded())) / 10)
    }
}

/// What a replay of one item gave.
public struct ReplayResult: Codable, Hashable, Sendable {
    /// The item's title.
    public var title: String
    /// One per picture; empty when the run failed.
    public var verdicts: [ReplayVerdict]
    /// Why the run failed.
    public var failure: String?

    /// A result.
    public init(title: String, verdicts: [ReplayVerdict] = [], failure: String? = nil) {
        self.title = title
        self.verdicts = verdicts
        self.failure = failure
    }

    /// Whether every picture came out bit for bit.
    public var isIdentical: Bool {
        failure == nil && !verdicts.isEmpty && verdicts.allSatisfy { $0.kind == .identical }
    }
}
