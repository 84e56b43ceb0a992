import FakeServers
import Foundation
import Generation
import Providers
import Testing
import Transport

/// Proxies and CA files, as a backend's settings name them.
@Suite(.serialized) struct ProxyTests {
    private let service = OpenAIImages()
    private var request: GenerationRequest {
        var request = GenerationRequest(prompt: "a fox")
        (request.width, request.height) = (64, 64)
        return request
    }

    private func transport(_ proxy: String, caFile: String? = nil) throws -> ClientTransport {
        try ClientTransport(.init(proxy: URL(string: proxy), caFile: caFile, connectSeconds: 2))
    }

    private func run(
        at origin: String, key: String?, _ transport: ClientTransport
    ) async throws -> ServerRun {
        try await ServerRun.run(request, service, at: origin, key: key, transport: transport)
    }

    @Test(arguments: ["http", "socks5"])
    func everythingGoesThroughTheProxy(scheme: String) async throws {
        let fake = try await FakeOpenAI.start()
        fake.behave { $0.answersLinks = true }
        let proxy = try await FakeProxy.start()
        let transport = try transport("\(scheme)://127.0.0.1:\(proxy.port)")
        let run = try await run(at: fake.baseURL, key: fake.key, transport)
        #expect(run.error == nil)
        #expect(run.isFinished)
        // The service, and the other origin where the picture lies.
        let ports = [fake.server.port, fake.files.server.port]
        #expect(Set(proxy.targets) == Set(ports.map { "127.0.0.1:\($0)" }))
        #expect(fake.server.violations == [])
        #expect(fake.files.server.violations == [])
        await proxy.stop()
        await fake.stop()
    }

    @Test func throughAProxyTLSStillGoesToTheServer() async throws {
        let picture = FakePicture.base64(width: 8, height: 8, seed: 1)
        let server = try await FakeServer.start(isSecure: true) { _ in
            .json(200, ["data": [["b64_json": .string(picture)]]])
        }
        let folder = try PictureFolder()
        let caFile = try folder.file("ca.pem", Array(SelfSignedCertificate.pem.utf8))
        let proxy = try await FakeProxy.start()
        let address = "http://127.0.0.1:\(proxy.port)"
        let run = try await run(
            at: server.origin, key: "sk-very-secret", try transport(address, caFile: caFile))
        #expect(run.error == nil)
        #expect(proxy.targets == ["127.0.0.1:\(server.port)"])
        #expect(!proxy.carried("sk-very-secret") && !proxy.carried("a fox"))
        #expect(server.received("sk-very-secret"))
        let untrusted = try await self.run(
            at: server.origin, key: "sk-very-secret", try transport(address))
        #expect(untrusted.remoteError?.summary.contains("secure") == true)
        #expect(server.requests.count == 1)
        await proxy.stop()
        await server.stop()
    }

    @Test func aProxysLoginIsForTheProxyAlone() async throws {
        let fake = try await FakeOpenAI.start()
        let proxy = try await FakeProxy.start(login: "me:proxy-secret")
        let place = "127.0.0.1:\(proxy.port)"
        let run = try await run(
            at: fake.baseURL, key: fake.key, try transport("http://me:proxy-secret@\(place)"))
        #expect(run.error == nil)
        let base64 = Data("me:proxy-secret".utf8).base64EncodedString()
        #expect(proxy.heads.allSatisfy { $0.contains(base64) && !$0.contains(fake.key ?? "-") })
        #expect(!fake.server.received(base64) && !fake.server.received("proxy-secret"))
        let refused = try await self.run(
            at: fake.baseURL, key: fake.key, try transport("http://me:wrong-word@\(place)"))
        #expect(refused.remoteError?.kind == .connection)
        #expect(refused.remoteError?.summary.contains("proxy") == true)
        #expect(refused.remoteError?.mayBeBilled == false)
        #expect(!refused.allText.contains("wrong-word"))
        #expect(fake.server.requests.count == 1)
        await proxy.stop()
        await fake.stop()
    }

    @Test(arguments: ["http://127.0.0.1:1", "socks5://127.0.0.1:1"])
    func aProxyThatIsNotThereIsSaid(address: String) async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await run(at: fake.baseURL, key: fake.key, try transport(address))
        #expect(run.remoteError?.kind == .connection)
        #expect(run.remoteError?.mayBeBilled == false)
        #expect(fake.server.requests.isEmpty)
        await fake.stop()
    }

    @Test(arguments: ["ftp://127.0.0.1:1", "http://", "https://127.0.0.1:1"])
    func whatIsNoProxyIsRefusedAtOnce(address: String) throws {
        #expect(throws: TransportError.self) { try transport(address) }
    }

    @Test func websocketsStayAwayFromProxiesAndTheJobIsDoneAllTheSame() async throws {
        let fake = try await FakeComfyUI.start()
        let proxy = try await FakeProxy.start()
        let run = try await ServerRun.run(
            .small(seeds: [3]), ComfyUI(), at: fake.baseURL,
            transport: try transport("http://127.0.0.1:\(proxy.port)"))
        #expect(run.images.map(\.seed) == [3])
        #expect(fake.server.requests("GET /ws").isEmpty)
        await proxy.stop()
        await fake.stop()
    }

    @Test func aCAFileThatHoldsNoCertificateIsNamed() throws {
        let folder = try PictureFolder()
        let files = [
            try folder.file("empty.pem", []), try folder.file("text.pem", Array("hello".utf8)),
            "/nowhere/ca.pem",
        ]
        for file in files {
            let error = #expect(throws: TransportError.self) {
                try ClientTransport(.init(caFile: file))
            }
            #expect(error?.reason == .insecure)
            #expect(error?.summary.contains(file) == true)
        }
    }
}
