import Foundation
import Generation

/// Jobs as a table (RFC 4180): one row per picture, one column per field of the request.
public enum ParameterTable {
    /// The table with a head row; values with commas, quotes or line breaks are quoted.
    public static func csv(_ jobs: [JobDetails]) -> String {
        let fields = RequestField.allCases.filter { $0 != .version && $0 != .seeds }
        let own = [
            "id", "queuedAt", "status", "index", "seed", "path", "pixelsSHA256", "rating",
            "starred", "tags", "note", "totalSeconds",
        ]
        var rows = [own + fields.map(\.rawValue)]
        for job in jobs {
            let values = fields.map { job.request.value(of: $0).description }
            if job.images.isEmpty { rows.append(row(job, nil) + values) }
            for image in job.images { rows.append(row(job, image) + values) }
        }
        return rows.map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func row(_ job: JobDetails, _ image: SavedImage?) -> [String] {
        let seed = image?.seed ?? job.request.seeds.first
        return [
            job.id.description, RecordTime.text(of: job.queuedAt), job.status.rawValue,
            image.map { String($0.index) } ?? "", seed.map { String($0) } ?? "", image?.path ?? "",
            image?.pixelsSHA256 ?? "", String(job.rating), job.isStarred ? "true" : "false",
            job.tags.joined(separator: " "), job.note ?? "",
            job.timing.map { String($0.total) } ?? "",
        ]
    }

    private static func cell(_ text: String) -> String {
        // A spreadsheet would run a cell that begins like a formula.
        let isFormula = text.first.map { "=+-@\t".contains($0) } ?? false && Double(text) == nil
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { ",\"\n\r".contains($0) || $0.isNewline }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
