import Foundation
import Generation
import Images

/// Reads a request from JSON: a bare request, or an object that holds one under `request` (what
/// `--json` prints, a journal record, a picture's own record).
enum RequestFile {
    /// The request in a file, and what could not be read of it.
    ///
    /// - Throws: a ``UserFacingError`` when nothing can be read.
    static func read(_ path: String) throws -> RequestReading {
        let data = Data(try ImageFile.bytes(at: path))
        let decoder = JSONDecoder()
        do {
            if let wrapped = try? decoder.decode(Presence.self, from: data), wrapped.hasRequest {
                return try decoder.decode(Wrapped.self, from: data).request
            }
            return try decoder.decode(RequestReading.self, from: data)
        } catch let error as any UserFacingError {
            throw UnreadableRequest(path: path, reason: error.description)
        } catch DecodingError.typeMismatch {
            throw UnreadableRequest(path: path, reason: "an object with fields is needed")
        } catch {
            throw UnreadableRequest(path: path, reason: "it is not valid JSON")
        }
    }

    private struct Wrapped: Decodable {
        let request: RequestReading
    }

    /// Whether an object has a key `request`.
    private struct Presence: Decodable {
        enum Key: CodingKey { case request }
        let hasRequest: Bool

        init(from decoder: any Decoder) throws {
            hasRequest = try decoder.container(keyedBy: Key.self).contains(.request)
        }
    }
}

/// A file that holds no request.
struct UnreadableRequest: UserFacingError, Hashable {
    let path: String
    let reason: String

    var summary: String { "\(printable(path)) holds no request: \(printable(reason))" }
    var hint: String? { nil }
}
