import Foundation
import Generation
import Images

/// What a sweep does: up to three axes around a request, and which cells are done.
///
/// The same form is read as SPEC and written beside the sheet, so that a sweep that was stopped goes
/// on when that file is given.
public struct SweepSpec: Codable, Hashable, Sendable {
    /// What all cells share; nil: the options of the command say it.
    public var request: GenerationRequest?
    /// To the right.
    public var x: SweepAxis?
    /// Down.
    public var y: SweepAxis?
    /// A grid of its own for each value.
    public var z: SweepAxis?
    /// Cells that were finished, by ``SweepCell/key``.
    public var cells: [String: FinishedCell]?

    /// A finished cell.
    public struct FinishedCell: Codable, Hashable, Sendable {
        /// The job in the journal.
        public var id: String
        /// Its picture.
        public var path: String
        public var pixelsSHA256: String

        /// A cell that is done.
        public init(id: String, path: String, pixelsSHA256: String) {
            self.id = id
            self.path = path
            self.pixelsSHA256 = pixelsSHA256
        }
    }

    /// No axes.
    public init() {}

    /// The most cells of a sweep.
    public static let maximumCells = 2_000

    /// The axes that there are, outermost last.
    public var axes: [SweepAxis] { [x, y, z].compactMap { $0 } }

    /// Reads a file, or axes such as `steps=8,16; cfg=2..6:2` (in the order x, y, z).
    ///
    /// - Throws: a ``UserFacingError``.
    public static func read(_ text: String) throws -> SweepSpec {
        let isFile = FileManager.default.fileExists(atPath: text)
        let isObject = text.drop { $0.isWhitespace }.first == "{"
        guard isFile || isObject || text.contains("=") else {
            throw UnreadableSweep(
                path: text, reason: "there is no such file, and axes have the form FIELD=VALUES")
        }
        guard isFile || isObject else { return try axes(text) }
        let data = isFile ? Data(try ImageFile.bytes(at: text)) : Data(text.utf8)
        let shown = isFile ? text : "SPEC"
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            let spec = try decoder.decode(SweepSpec.self, from: data)
            guard !spec.axes.isEmpty else {
                throw UnreadableSweep(path: shown, reason: "it has none of the axes x, y and z")
            }
            return spec
        } catch let error as any UserFacingError {
            throw UnreadableSweep(path: shown, reason: error.summary)
        } catch let error as DecodingError {
            throw UnreadableSweep(path: shown, reason: error.place)
        }
    }

    private static func axes(_ text: String) throws -> SweepSpec {
        var spec = SweepSpec()
        let names = ["x", "y", "z"]
        let parts = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        guard parts.count <= 3 else {
            throw UnreadableSweep(path: text, reason: "there are at most three axes: x, y, z")
        }
        for (index, part) in parts.enumerated() {
            var (name, axis) = (names[index], part)
            if let colon = part.firstIndex(of: ":"), names.contains(String(part[..<colon])) {
                name = String(part[..<colon])
                axis = part[part.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
            let read = try SweepAxis(axis)
            switch name {
            case "x": spec.x = read
            case "y": spec.y = read
            default: spec.z = read
            }
        }
        guard spec.axes.count == parts.count else {
            throw UnreadableSweep(path: text, reason: "an axis is given twice")
        }
        return spec
    }

    /// Every cell with its request.
    ///
    /// - Parameter expand: expands prompts that an axis changed.
    /// - Throws: what the axes and the expansion say.
    public func cells(
        of request: GenerationRequest, expand: (GenerationRequest) throws -> GenerationRequest
    ) throws -> [SweepCell] {
        var cells: [SweepCell] = []
        for (layer, row, column) in places {
            var cell = request
            for (axis, index) in [(x, column), (y, row), (z, layer)] {
                if let axis { cell = try axis.applied(index, to: cell) }
            }
            cells.append(
                SweepCell(x: column, y: row, z: layer, request: try expand(cell)))
        }
        return cells
    }

    /// Cells in all.
    public var count: Int {
        axes.reduce(1) { $0 * $1.values.count }
    }

    private var places: [(Int, Int, Int)] {
        let columns = x?.values.indices ?? 0..<1
        let rows = y?.values.indices ?? 0..<1
        let layers = z?.values.indices ?? 0..<1
        return layers.flatMap { layer in
            rows.flatMap { row in columns.map { (layer, row, $0) } }
        }
    }

    /// The labels of a cell's values, for messages.
    public func label(_ cell: SweepCell) -> String {
        [(x, cell.x), (y, cell.y), (z, cell.z)].compactMap { axis, index in
            axis.map { "\($0.name)=\(printable($0.values[index], limit: 40))" }
        }.joined(separator: " ")
    }
}

/// One cell: its place and what it runs.
public struct SweepCell: Hashable, Sendable {
    /// Index of its value on each axis; 0 where there is none.
    public let x: Int
    public let y: Int
    public let z: Int
    public let request: GenerationRequest

    /// A cell of a grid.
    public init(x: Int, y: Int, z: Int, request: GenerationRequest) {
        self.x = x
        self.y = y
        self.z = z
        self.request = request
    }

    /// Its place in a file.
    public var key: String { "\(x),\(y),\(z)" }
}

/// A SPEC that says no sweep.
public struct UnreadableSweep: UserFacingError, Hashable {
    /// The file, or the text itself.
    public let path: String
    public let reason: String

    public var summary: String { "\(printable(path, limit: 80)): \(printable(reason, limit: 400))" }
    public var hint: String? {
        "for example: latent sweep \"steps=8,16; cfg=2..6:2\" \"a lighthouse\""
    }
}

extension DecodingError {
    /// Where and what, in few words.
    fileprivate var place: String {
        switch self {
        case .keyNotFound(let key, _): "the key \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "it is not valid JSON"
                : "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has a value of "
                    + "another kind"
        @unknown default: "it cannot be read"
        }
    }
}
