import FakeServers
import Foundation
import Generation
import Providers
import Testing

@Suite(.serialized) struct InferenceShWireTests {
    /// One field of the request, and what it becomes in the body of a run.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let change: @Sendable (inout GenerationRequest) -> Void
        let path: [String]
        let value: WireJSON
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "app", change: { _ in }, path: ["app"], value: "infsh/sdxl"),
        Row(name: "prompt", change: { _ in }, path: ["input", "prompt"], value: "a lighthouse"),
        Row(
            name: "prompt in UTF-8", change: { $0.prompt = "фар \"Ω\"\n\u{1}" },
            path: ["input", "prompt"], value: "фар \"Ω\"\n\u{1}"),
        Row(
            name: "negative_prompt", change: { $0.negativePrompt = "fog" },
            path: ["input", "negative_prompt"], value: "fog"),
        Row(
            name: "num_inference_steps", change: { $0.steps = 30 },
            path: ["input", "num_inference_steps"], value: 30),
        Row(
            name: "guidance_scale", change: { $0.guidanceScale = 6.5 },
            path: ["input", "guidance_scale"], value: 6.5),
        Row(
            name: "guidance_scale, whole", change: { $0.guidanceScale = 7 },
            path: ["input", "guidance_scale"], value: 7),
        Row(name: "width", change: { $0.width = 512 }, path: ["input", "width"], value: 512),
        Row(name: "height", change: { $0.height = 768 }, path: ["input", "height"], value: 768),
        Row(
            name: "model_url", change: { $0.model = "https://example.org/model.safetensors" },
            path: ["input", "model_url"], value: "https://example.org/model.safetensors"),
        Row(
            name: "loras",
            change: {
                $0.loras = [
                    LoRAReference(
                        name: "https://example.org/a/fog-v1.safetensors?x=1", weight: 0.8),
                    LoRAReference(name: "someone/fog-v1", weight: 1),
                ]
            }, path: ["input", "loras"],
            value: [
                [
                    "adapter_name": "fog_v1", "lora_multiplier": 0.8,
                    "lora_url": "https://example.org/a/fog-v1.safetensors?x=1",
                ],
                [
                    "adapter_name": "fog_v1_2", "lora_multiplier": 1,
                    "lora_url": "someone/fog-v1",
                ],
            ]),
        Row(
            name: "app by version", change: { $0.extras["app"] = "infsh/sdxl@1a2b3c4d" },
            path: ["app"], value: "infsh/sdxl@1a2b3c4d"),
        Row(
            name: "function", change: { $0.extras["function"] = "run" }, path: ["function"],
            value: "run"),
        Row(
            name: "infra", change: { $0.extras["infra"] = "private_first" }, path: ["infra"],
            value: "private_first"),
        Row(
            name: "workers", change: { $0.extras["workers"] = #"["w1","w2"]"# },
            path: ["workers"], value: ["w1", "w2"]),
        Row(
            name: "setup", change: { $0.extras["setup"] = #"{"variant":"fp16"}"# },
            path: ["setup"], value: ["variant": "fp16"]),
        Row(
            name: "run_at", change: { $0.extras["run_at"] = "2030-01-01T00:00:00Z" },
            path: ["run_at"], value: "2030-01-01T00:00:00Z"),
        Row(
            name: "metadata", change: { $0.extras["metadata"] = #"{"job":7}"# },
            path: ["metadata"], value: ["job": 7]),
        Row(
            name: "session",
            change: {
                $0.extras["session"] = "new"
                $0.extras["session_timeout"] = "600"
            }, path: ["session_timeout"], value: 600),
    ]

    @Test(arguments: rows) func everyFieldStandsOnTheWire(row: Row) async throws {
        let fake = try await FakeInference.start()
        let run = try await RemoteRun.run(fake, row.change)
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        let body = try #require(fake.server.requests("POST /apps/run").first?.json)
        #expect(row.path.reduce(Optional(body)) { $0?[$1] } == row.value)
        #expect(fake.server.violations == [])
        #expect(fake.files.server.violations == [])
        await fake.stop()
    }

    @Test func whatIsNotSetIsLeftOut() async throws {
        let fake = try await FakeInference.start()
        _ = try await RemoteRun.run(fake)
        let body = try #require(fake.server.requests("POST /apps/run").first?.json)
        #expect(body.keys == ["app", "input"])
        #expect(
            body["input"]?.keys
                == ["guidance_scale", "height", "num_inference_steps", "prompt", "width"])
        await fake.stop()
    }

    @Test func headersAreThoseOfTheSheet() async throws {
        let fake = try await FakeInference.start()
        _ = try await RemoteRun.run(fake)
        let run = try #require(fake.server.requests("POST /apps/run").first)
        #expect(run.value(of: "Authorization") == "Bearer inf_fake_key")
        #expect(run.value(of: "Content-Type") == "application/json")
        #expect(run.value(of: "User-Agent") == "latent")
        #expect(run.values(of: "X-API-Version").isEmpty)
        let stream = try #require(fake.server.requests("GET /tasks/task1/stream").first)
        #expect(stream.value(of: "Accept") == "application/x-ndjson")
        #expect(stream.value(of: "Authorization") == "Bearer inf_fake_key")
        await fake.stop()
    }

    @Test func aWebhookIsAskedFor() async throws {
        let fake = try await FakeInference.start()
        var options = ExecutionOptions()
        options.remote.webhook = "https://example.org/hook?id=1"
        _ = await RemoteRun.run(
            try RemoteRun.generator(fake), GenerationRequest(prompt: "x"), options)
        let body = try #require(fake.server.requests("POST /apps/run").first?.json)
        #expect(body["webhook"] == "https://example.org/hook?id=1")
        await fake.stop()
    }

    @Test func aLoRAFileIsUploadedWithoutTheKey() async throws {
        let fake = try await FakeInference.start()
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "lora-\(UUID().uuidString).safetensors")
        let content = Data((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try content.write(to: url)
        let run = try await RemoteRun.run(fake) {
            $0.loras = [LoRAReference(name: url.path, weight: 0.5)]
        }
        #expect(run.error == nil)
        #expect(run.stages.first == .uploading)
        let asked = try #require(fake.server.requests("POST /files").first)
        #expect(
            asked.json == [
                "files": [
                    [
                        "content_type": "application/octet-stream",
                        "filename": .string(url.lastPathComponent), "path": "", "public": false,
                        "size": 700_000, "uri": "",
                    ]
                ]
            ])
        let put = try #require(fake.files.server.requests("PUT ").first)
        #expect(put.value(of: "Content-Type") == "application/octet-stream")
        #expect(put.value(of: "Content-Length") == "700000")
        #expect(put.values(of: "Transfer-Encoding").isEmpty)
        #expect(put.body == Array(content))
        #expect(put.values(of: "Authorization").isEmpty)
        let body = try #require(fake.server.requests("POST /apps/run").first?.json)
        let lora = body["input"]?["loras"]?[0]
        #expect(lora?["lora_url"]?.text?.hasPrefix(fake.files.server.origin) == true)
        #expect(lora?["lora_multiplier"] == 0.5)
        #expect(fake.files.server.violations == [])
        await fake.stop()
    }

    @Test func aPromptThatNamesAFileIsOnlyText() async throws {
        let fake = try await FakeInference.start()
        _ = try await RemoteRun.run(fake) { $0.prompt = "/etc/hostname" }
        #expect(fake.server.requests("POST /files").isEmpty)
        let body = try #require(fake.server.requests("POST /apps/run").first?.json)
        #expect(body["input"]?["prompt"] == "/etc/hostname")
        await fake.stop()
    }
}
