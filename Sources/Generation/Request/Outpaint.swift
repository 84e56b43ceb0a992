/// Pixels added on each side of the initial picture.
public struct Outpaint: Hashable, Sendable, CustomStringConvertible {
    /// What the new area holds before the model works on it.
    public enum Fill: String, Codable, CaseIterable, Sendable {
        /// The picture's edge, drawn out.
        case edges
        /// Coloured noise around the colours of the edge.
        case noise
    }

    public var left: Int
    public var top: Int
    public var right: Int
    public var bottom: Int
    public var fill: Fill

    /// Pixels per side; 0 leaves a side as it is.
    public init(left: Int, top: Int, right: Int, bottom: Int, fill: Fill = .edges) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
        self.fill = fill
    }

    /// As the command line takes it: `64,0,64,0`, `64,0,64,0:noise`.
    public var description: String {
        let sides = "\(left),\(top),\(right),\(bottom)"
        return fill == .edges ? sides : "\(sides):\(fill.rawValue)"
    }
}

extension Outpaint: Codable {
    private enum CodingKeys: String, CodingKey { case left, top, right, bottom, fill }

    /// Reads the sides; an absent fill is ``Fill/edges``.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        left = try fields.decode(Int.self, forKey: .left)
        top = try fields.decode(Int.self, forKey: .top)
        right = try fields.decode(Int.self, forKey: .right)
        bottom = try fields.decode(Int.self, forKey: .bottom)
        fill = try fields.decodeIfPresent(Fill.self, forKey: .fill) ?? .edges
    }
}
