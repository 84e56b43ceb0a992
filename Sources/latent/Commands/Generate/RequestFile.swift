import Foundation
import Generation
import Images

/// Reads a request from JSON: a bare request, or an object that holds one under `request` (what
/// `--json` prints, a journal record, a picture's own record).
enum RequestFile {
    /// The request in a file.
    ///
    /// - Throws: a ``UserFacingError`` that says what is wrong with the file.
    static func read(_ path: String) throws -> GenerationRequest {
        try decode(Data(ImageFile.bytes(at: path)))
    }

    /// The request in JSON text.
    static func decode(_ data: Data) throws -> GenerationRequest {
        let decoder = JSONDecoder()
        do {
            if let wrapped = try? decoder.decode(Presence.self, from: data), wrapped.hasRequest {
                return try decoder.decode(Wrapped.self, from: data).request
            }
            return try decoder.decode(GenerationRequest.self, from: data)
        } catch let error as any UserFacingError {
            throw error
        } catch let error as DecodingError {
            throw UnreadableRequest(reason: Self.reason(error))
        }
    }

    private struct Wrapped: Decodable {
        let request: GenerationRequest
    }

    /// Whether an object has a key `request`.
    private struct Presence: Decodable {
        enum Key: CodingKey { case request }
        let hasRequest: Bool

        init(from decoder: any Decoder) throws {
            hasRequest = try decoder.container(keyedBy: Key.self).contains(.request)
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.map(\.stringValue).filter { $0 != "request" }.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            return place(context.codingPath + [key]) + " is missing"
        case .typeMismatch(let type, let context):
            return "\(place(context.codingPath)) has the wrong type; \(type) is needed"
        case .valueNotFound(_, let context):
            return "\(place(context.codingPath)) is null"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "\(place(context.codingPath)): \(context.debugDescription)"
        default:
            return "it is not valid JSON"
        }
    }
}

/// A file that holds no request.
struct UnreadableRequest: UserFacingError, Hashable {
    let reason: String

    var summary: String { "it holds no request: \(printable(reason))" }
    var hint: String? { nil }
}
