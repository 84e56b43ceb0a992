import Foundation
import Generation
import Images

/// What `info` tells.
struct InfoReport: Encodable {
    let path: String
    let format: String?
    let width: Int?
    let height: Int?
    let bytes: Int
    /// The program that made it, nil when nothing is understood.
    let tool: String?
    let toolVersion: String?
    let request: GenerationRequest?
    let pixelsSHA256: String?
    let hashes: [String: String]
    let warnings: [String]

    /// Reads a picture's metadata.
    ///
    /// - Throws: a ``UserFacingError`` when the file is no picture.
    init(reading path: String) throws {
        let data = Data(try ImageFile.bytes(at: path))
        let metadata = try Self.metadata(of: data, path: path)
        self.path = path
        format = ImageFormat(firstBytes: data.prefix(16))?.rawValue
        width = metadata.width
        height = metadata.height
        bytes = data.count
        tool = metadata.tool?.rawValue
        toolVersion = metadata.toolVersion.map { printable($0, limit: 80) }
        request = metadata.request
        pixelsSHA256 = metadata.record?.pixelsSHA256
        hashes = metadata.record?.modelHashes ?? metadata.hashes
        warnings = metadata.warnings
    }

    private static func metadata(of data: Data, path: String) throws -> PictureMetadata {
        do {
            return try PictureMetadata.read(from: data)
        } catch let error as PictureFormatError {
            throw CommandFailure(.failed, lines: ["\(printable(path)): \(error)"])
        }
    }

    private var maker: String {
        guard let tool else { return "unknown" }
        let title = SourceTool(rawValue: tool)?.title ?? tool
        return toolVersion.map { $0.hasPrefix(tool) ? $0 : "\(title) \($0)" } ?? title
    }

    /// The report for people.
    var lines: [String] {
        var lines = ["file            \(printable(path))"]
        if let width, let height {
            lines.append("picture         \(width)x\(height) \(format ?? "")")
        }
        lines.append("size            \(ByteCount.text(bytes))")
        lines.append("made by         " + maker)
        guard let request else { return lines + ["request         none"] }
        for field in RequestField.allCases where field != .version {
            let value = request.value(of: field)
            guard value != .absent, request.isGiven(field) || field == .prompt else { continue }
            let name = field.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0)
            lines.append(name + printable(value.description, limit: 4000))
        }
        return lines
    }
}
