import Foundation
import Generation
import Images
import Testing

@testable import Providers

/// What services answer, as the protocols' tables have it: numbers and words of states, forms of
/// results, messages of sockets, forms of errors.
@Suite struct SheetAnswerTests {
    private func json(_ text: String) throws -> JSONValue { try #require(JSONValue(parsing: text)) }

    private func task(_ text: String) throws -> InferenceShTask {
        try #require(InferenceShTask(answer: try json(text)))
    }

    // MARK: inference.sh

    private static let words = [
        "unknown", "received", "queued", "dispatched", "preparing", "serving", "setting_up",
        "running", "cancelling", "uploading", "completed", "failed", "cancelled", "rejected",
    ]

    @Test func statesAreReadAsNumbersAndAsWords() throws {
        for (number, word) in Self.words.enumerated() {
            #expect(try task(#"{"status": \#(number)}"#).phase.rawValue == word)
            #expect(try task(#"{"data": {"status": \#(number)}}"#).phase.rawValue == word)
            #expect(try task(#"{"status": "\#(number)"}"#).phase.rawValue == word)
            #expect(try task(#"{"status": "\#(word)"}"#).phase.rawValue == word)
        }
        #expect(try task(#"{"status": 14}"#).phase == .unknown)
        #expect(try task(#"{"status": "resting"}"#).phase == .unknown)
        #expect(try task("{}").phase == .unknown)
    }

    /// Before `cancelling` existed, everything behind it had a number less.
    @Test func statesOfOldAreKnownByTheirEnvelope() throws {
        let old = Self.words.filter { $0 != "cancelling" && $0 != "rejected" }
        for (number, word) in old.enumerated() {
            let text = #"{"success": true, "status": 200, "data": {"status": \#(number)}}"#
            #expect(try task(text).phase.rawValue == word)
        }
    }

    /// The webhook's example, and others whose number means two things: a picture or an error decides.
    @Test func aNumberOfTwoMeaningsIsDecidedByWhatIsThere() throws {
        let picture = #""output": {"result": "https://cdn.example/a.png"}, "error": """#
        #expect(try task(#"{"id": "t", "status": 9, \#(picture)}"#).phase == .completed)
        #expect(try task(#"{"id": "t", "status": 10, \#(picture)}"#).phase == .completed)
        for number in 9...11 {
            let text = #"{"status": \#(number), "output": null, "error": "out of memory"}"#
            let failed = try task(text)
            #expect(failed.phase == .failed)
            #expect(failed.error == "out of memory")
        }
    }

    @Test(arguments: [
        #""https://cdn.example/a.png""#, #"{"result": "https://cdn.example/a.png"}"#,
        #"{"result": {"uri": "https://cdn.example/a.png", "size": 5}}"#,
        #"{"result": "https://cdn.example/a.png", "output_meta": {"outputs": [{"type": "image"}]}}"#,
        #"{"result": ["https://cdn.example/a.png"]}"#,
    ])
    func everyFormOfAnOutputIsRead(output: String) throws {
        #expect(
            try task(#"{"status": 10, "output": \#(output)}"#).links
                == ["https://cdn.example/a.png"])
    }

    /// A partial update changes the members that it names and no others.
    @Test func updatesAreMergedByTheNamesThatTheyGive() throws {
        var task = try task(#"{"id": "t", "status": 7, "output": null, "progress": 5}"#)
        task.merge(try json(#"{"data": {"status": 9, "id": "x"}, "fields": ["status"]}"#))
        #expect(task.id == "t")
        #expect(task.phase == .uploading)
        task.merge(try json(#"{"data": {"progress": 60}}"#))
        #expect(task.progress == 60)
        #expect(task.phase == .uploading)
        task.merge(try json(#"{"progress": {"percent": 80}}"#))
        #expect(task.progress == 80)
    }

    // MARK: A1111

    @Test func theInfoOfAPictureIsJSONInAText() throws {
        let (first, second) = ("iVBORw0KGgo=", "iVBORw0KGgoA")
        func picture(_ info: String) throws -> RemotePicture {
            let images = #"["\#(first)", "\#(second)"]"#
            let text = #"{"images": \#(images), "parameters": {}, "info": \#(info)}"#
            return try A1111Answer(HTTPResponse(status: 200, body: Array(text.utf8)))
                .picture(index: 0, askedSeed: 5)
        }
        let whole = try picture(
            #""{\"seed\": 8, \"all_seeds\": [9], \"infotexts\": [], \"index_of_first_image\": 1}""#)
        #expect(whole.seed == 9)
        #expect(whole.bytes.count == 9)
        #expect(try picture(#""{\"seed\": 4294967295}""#).seed == 4_294_967_295)
        // stable-diffusion.cpp says nothing; others say it in other ways.
        for info in [#""""#, "null", #""{\"seed\": \"8\"}""#, "{}"] {
            let plain = try picture(info)
            #expect(plain.seed == 5 || plain.seed == 8)
            #expect(plain.bytes.count == 8)
        }
    }

    // MARK: ComfyUI

    @Test func everyMessageOfTheSocketIsReadOrIgnored() {
        let rows: [(String, ComfyMessage?)] = [
            (
                #"{"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 1}}}}"#,
                nil
            ),
            (
                #"{"type": "execution_start", "data": {"prompt_id": "p", "timestamp": 1}}"#,
                .started(prompt: "p")
            ),
            (#"{"type": "execution_cached", "data": {"nodes": ["1"], "prompt_id": "p"}}"#, nil),
            (
                #"{"type": "executing", "data": {"node": "5", "prompt_id": "p"}}"#,
                .executing(prompt: "p", node: "5")
            ),
            (
                #"{"type": "executing", "data": {"node": null, "prompt_id": "p"}}"#,
                .executing(prompt: "p", node: nil)
            ),
            (
                #"{"type": "progress", "data": {"value": 3, "max": 20, "prompt_id": "p"}}"#,
                .progress(prompt: "p", value: 3, maximum: 20)
            ),
            (#"{"type": "progress_state", "data": {"prompt_id": "p", "nodes": {}}}"#, nil),
            (#"{"type": "executed", "data": {"node": "9", "output": {}, "prompt_id": "p"}}"#, nil),
            (
                #"{"type": "execution_success", "data": {"prompt_id": "p", "timestamp": 1}}"#,
                .succeeded(prompt: "p")
            ),
            (
                #"""
                {"type": "execution_error", "data": {"prompt_id": "p", "node_id": "5",
                "node_type": "KSampler", "executed": [], "exception_message": "out of memory",
                "exception_type": "OOM", "traceback": [], "current_inputs": {}}}
                """#, .failed(prompt: "p", node: "KSampler", message: "out of memory")
            ),
            (
                #"{"type": "execution_interrupted", "data": {"prompt_id": "p", "node_id": "5"}}"#,
                .interrupted(prompt: "p")
            ),
        ]
        for (text, message) in rows { #expect(ComfyMessage(.text(text)) == message, "\(text)") }
        let jpeg: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1, 0xFF, 0xD8, 0xFF]
        #expect(ComfyMessage(.binary(jpeg)) == .preview(prompt: nil, [0xFF, 0xD8, 0xFF]))
        let named = #"{"prompt_id": "p"}"#
        let frame: [UInt8] = [0, 0, 0, 4, 0, 0, 0, UInt8(named.utf8.count)] + named.utf8 + [1, 2]
        #expect(ComfyMessage(.binary(frame)) == .preview(prompt: "p", [1, 2]))
    }

    @Test func aHistoryNamesTheKeptFilesAndWhatWentWrong() throws {
        let answer = try json(
            #"""
            {"p": {"prompt": [1, "p", {}, {}, ["9"]], "outputs": {
              "10": {"images": [{"filename": "b.png", "subfolder": "s", "type": "output"}]},
              "9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"},
                               {"filename": null}], "text": ["x"]},
              "8": {"images": [{"filename": "t.png", "subfolder": "", "type": "temp"}]}},
             "status": {"status_str": "success", "completed": true, "messages": []}, "meta": {}},
             "f": {"outputs": {}, "status": {"status_str": "error", "completed": false, "messages": [
              ["execution_start", {}],
              ["execution_error", {"node_type": "VAEDecode", "exception_message": "no\nmore"}]]}}}
            """#)
        let whole = try #require(ComfyHistory(answer, id: "p"))
        #expect(whole.files.map(\.name) == ["a.png", "b.png"])
        #expect(whole.files.map(\.subfolder) == ["", "s"])
        #expect(whole.failure == nil)
        let failed = try #require(ComfyHistory(answer, id: "f"))
        #expect(failed.failure?.summary == "ComfyUI failed in the node VAEDecode: no")
        #expect(ComfyHistory(try json("{}"), id: "p") == nil)
    }

    // MARK: Errors

    struct Refusal: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let kind: RemoteError.Kind
        let words: String
        var testDescription: String { "\(status) \(words)" }

        init(_ status: Int, _ body: String, _ kind: RemoteError.Kind, _ words: String) {
            self.status = status
            self.body = body
            self.kind = kind
            self.words = words
        }
    }

    private static func problem(_ code: String, _ status: Int, _ kind: RemoteError.Kind) -> Refusal
    {
        Refusal(
            status,
            #"{"type": "https://x/errors/\#(code)", "title": "t", "detail": "why \#(code)"}"#,
            kind, "why \(code)")
    }

    /// Every form that the tables know, and every code of inference.sh.
    static let refusals: [Refusal] = [
        problem("invalid_request", 400, .refused), problem("validation_error", 400, .refused),
        problem("unauthorized", 401, .key), problem("payment_required", 402, .credits),
        problem("payment_method_required", 402, .credits),
        problem("limit_exceeded", 402, .credits), problem("forbidden", 403, .key),
        problem("insufficient_scope", 403, .key), problem("requires_sign_in", 403, .key),
        problem("feature_not_available", 403, .key), problem("account_banned", 403, .key),
        problem("not_found", 404, .notFound), problem("method_not_allowed", 405, .notFound),
        problem("invalid_transition", 409, .refused), problem("conflict", 409, .refused),
        problem("app_retired", 410, .notFound), problem("rate_limited", 429, .limited),
        problem("internal_error", 500, .service), problem("app_maintenance", 503, .service),
        Refusal(400, #"{"type": "/errors/x", "title": "Only a title"}"#, .refused, "Only a title"),
        Refusal(400, #"{"message": "Only a message"}"#, .refused, "Only a message"),
        Refusal(
            400, #"{"success": false, "status": 400, "error": {"code": "c", "message": "of old"}}"#,
            .refused, "of old"),
        Refusal(
            412,
            #"""
            {"satisfied": false, "errors": [{"type": "secret", "key": "HF_TOKEN",
            "message": "HF_TOKEN is not set", "action": {"type": "add_secret"}}]}
            """#, .refused, "HF_TOKEN is not set"),
        // imagepipeline.io, OctoAI and A1111: lists of fields.
        Refusal(
            422, #"{"detail": [{"loc": ["body", "steps"], "msg": "too many", "type": "v"}]}"#,
            .refused, "steps: too many"),
        // segmind
        Refusal(406, #"{"error": "not enough credits"}"#, .credits, "not enough credits"),
        Refusal(500, "the worker broke", .service, "the worker broke"),
        // A1111
        Refusal(
            404,
            #"{"error": "HTTPException", "detail": "Sampler not found", "body": "", "errors": ""}"#,
            .notFound, "Sampler not found"),
        Refusal(
            404,
            #"{"error": "HTTPException", "detail": "Init image not found", "body": "", "errors": ""}"#,
            .notFound, "Init image not found"),
        Refusal(
            500,
            #"{"error": "HTTPException", "detail": "Invalid encoded image", "body": "", "errors": ""}"#,
            .service, "Invalid encoded image"),
        Refusal(
            500,
            #"{"error": "OutOfMemoryError", "detail": "", "body": "", "errors": "CUDA ran out"}"#,
            .service, "OutOfMemoryError: CUDA ran out"),
        Refusal(
            401, #"{"detail": "Incorrect username or password"}"#, .key,
            "Incorrect username or password"),
        // OpenAI, and servers in its shape.
        Refusal(
            400,
            #"{"error": {"message": "bad size", "type": "t", "param": "size", "code": null}}"#,
            .refused, "bad size"),
        Refusal(400, #"{"error": "prompt required"}"#, .refused, "prompt required"),
    ]

    @Test(arguments: refusals) func everyFormOfAnErrorIsRead(refusal: Refusal) {
        let response = HTTPResponse(status: refusal.status, body: Array(refusal.body.utf8))
        let error = RemoteError(status: response, service: "The service")
        #expect(error.kind == refusal.kind)
        #expect(
            error.summary.hasSuffix("(\(refusal.status)): \(refusal.words)"), "\(error.summary)")
    }
}
