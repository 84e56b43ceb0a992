import FakeServers
import Foundation
import Providers
import Testing
import Transport

/// The websocket client against servers that are slow, odd or broken.
@Suite(.serialized) struct WebSocketTests {
    private func limits(idle: Double = 20, bytes: Int = 1 << 20) -> TransportLimits {
        TransportLimits(idleSeconds: idle, bodyBytes: bytes)
    }

    private func connect(
        to server: FakeServer, _ limits: TransportLimits, caFile: String? = nil,
        connectSeconds: Double = 20
    ) async throws -> any WebSocketConnection {
        let url = try #require(URL(string: server.origin + "/ws?clientId=a%20b"))
        let transport = try ClientTransport(.init(caFile: caFile, connectSeconds: connectSeconds))
        return try await transport.webSocket(HTTPRequest(.get, url, limits: limits))
    }

    /// What comes of a conversation: messages, and how it ended.
    private func hear(
        _ limits: TransportLimits? = nil, isSecure: Bool = false, caFile: String? = nil,
        _ converse: @escaping @Sendable (FakeWebSocket) async throws -> Void
    ) async throws -> (messages: [WebSocketMessage], reason: TransportError.Reason?) {
        let server = try await FakeServer.start(isSecure: isSecure) { _ in
            .webSocket { socket in
                try await converse(socket)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        let socket = try await connect(to: server, limits ?? self.limits(), caFile: caFile)
        var messages: [WebSocketMessage] = []
        var reason: TransportError.Reason?
        do {
            for try await message in socket.messages { messages.append(message) }
        } catch let error as TransportError {
            reason = error.reason
        }
        await server.stop()
        return (messages, reason)
    }

    @Test func fragmentsAreJoinedAndPingsBetweenThemAnswered() async throws {
        let payload = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        let heard = try await hear { socket in
            try await socket.send(binary: payload, inFramesOf: 7)
            // A text in two frames with a ping between them: 0x01 text, 0x89 ping, 0x80 last.
            try await socket.send(raw: [0x01, 0x02, 0x61, 0x62])
            try await socket.send(raw: [0x89, 0x03, 0x07, 0x08, 0x09])
            try await socket.send(raw: [0x80, 0x01, 0x63])
            let deadline = ContinuousClock.now + .seconds(30)
            while socket.pongs.isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect(socket.pongs == [[7, 8, 9]])
            #expect(socket.unmaskedCount == 0)
        }
        #expect(heard.messages == [.binary(payload), .text("abc")])
        #expect(heard.reason == nil)
    }

    /// Previews that nobody wants end before they cost anything; what stands between them stays.
    @Test func binaryMessagesAreThrownAwayWhereTheyAreNotWanted() async throws {
        let payload = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        let server = try await FakeServer.start { _ in
            .webSocket { socket in
                try await socket.send(binary: payload, inFramesOf: 7)
                // A text in two frames.
                try await socket.send(raw: [0x01, 0x02, 0x61, 0x62])
                try await socket.send(raw: [0x80, 0x01, 0x63])
                try await socket.send(binary: payload, inFramesOf: 1000)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        let url = try #require(URL(string: server.origin + "/ws"))
        var request = HTTPRequest(.get, url, limits: limits())
        request.messages.binary = .never
        let socket = try await ClientTransport().webSocket(request)
        var messages: [WebSocketMessage] = []
        for try await message in socket.messages { messages.append(message) }
        #expect(messages == [.text("abc")])
        await server.stop()
    }

    /// Of a kind that comes often the newest is handed on; what comes after it finds it gone before.
    @Test func whatComesTooOftenIsHeldBackInOrder() async throws {
        let server = try await FakeServer.start { _ in
            .webSocket { socket in
                for step in 1...50 {
                    try await socket.send(#"{"type": "progress", "data": \#(step)}"#)
                    try await socket.send(binary: [UInt8(step)])
                    try await socket.send(#"{"type": "status", "data": "progress"}"#)
                }
                try await socket.send(#"{"type": "executing", "data": {"node": "progress"}}"#)
                try await socket.send(#" { "type" : "progress", "data": 51}"#)
                try await Task.sleep(for: .milliseconds(100))
                try await socket.send(#"{"type": "progress", "data": 52}"#)
                for await message in socket.messages where message == .text("heard") { break }
                try await socket.send(#"{"data": 1, "type": "progress"}"#)
            }
        }
        let url = try #require(URL(string: server.origin + "/ws"))
        var request = HTTPRequest(.get, url, limits: limits())
        request.messages.binary = .newest(every: .seconds(60))
        request.messages.texts = ["progress": .newest(every: .seconds(3)), "status": .never]
        let socket = try await ClientTransport().webSocket(request)
        var messages: [WebSocketMessage] = []
        for try await message in socket.messages {
            messages.append(message)
            guard message == .text(#"{"type": "progress", "data": 52}"#) else { continue }
            try await socket.send("heard")
        }
        let executing = WebSocketMessage.text(
            #"{"type": "executing", "data": {"node": "progress"}}"#)
        let before = messages.prefix { $0 != executing }
        #expect(before.suffix(2).contains(.binary([50])))
        #expect(before.suffix(2).contains(.text(#"{"type": "progress", "data": 50}"#)))
        #expect(before.count < 20)
        #expect(
            messages.dropFirst(before.count + 1) == [
                .text(#"{"type": "progress", "data": 52}"#),
                .text(#"{"data": 1, "type": "progress"}"#),
            ])
        await server.stop()
    }

    /// The first message is in one piece with the end of the handshake.
    @Test func whatComesWithTheHandshakeIsNotLost() async throws {
        for _ in 0..<20 {
            let heard = try await hear { try await $0.send(raw: [0x81, 0x01, 0x61]) }
            #expect(heard.messages == [.text("a")])
        }
    }

    @Test func bytesMayComeOneByOne() async throws {
        let heard = try await hear { socket in
            for byte in [0x81, 0x05] + Array("hello".utf8) + [0x82, 0x00] {
                try await socket.send(raw: [byte])
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(heard.messages == [.text("hello"), .binary([])])
        #expect(heard.reason == nil)
    }

    @Test func aCloseInTheMiddleOfAFrameIsABrokenConnection() async throws {
        for resets in [false, true] {
            let heard = try await hear { socket in
                try await socket.send("one")
                // A reset takes what has not been read yet: the answer says that it has been.
                try await socket.ping()
                let deadline = ContinuousClock.now + .seconds(30)
                while socket.pongs.isEmpty, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(2))
                }
                try await socket.send(raw: [0x81, 0x05, 0x68, 0x65])
                try await Task.sleep(for: .milliseconds(30))
                if resets {
                    await socket.reset()
                } else {
                    await socket.hangUp()
                }
            }
            #expect(heard.messages == [.text("one")])
            #expect(heard.reason == .interrupted)
        }
    }

    @Test func aGoodbyeEndsWithoutAnError() async throws {
        let heard = try await hear { try await $0.send("one") }
        #expect(heard.messages == [.text("one")])
        #expect(heard.reason == nil)
    }

    @Test func whatIsLargerThanAllowedIsRefused() async throws {
        let limit = 64 << 10
        // Declared in one frame of 1 MiB; then never declared, in many frames.
        let declared = try await hear(limits(bytes: limit)) { socket in
            try await socket.send(raw: [0x82, 0x7F, 0, 0, 0, 0, 0, 0x10, 0, 0])
            try await Task.sleep(for: .seconds(1))
        }
        #expect(declared.messages.isEmpty)
        #expect(declared.reason == .tooLarge(limit: limit))
        let joined = try await hear(limits(bytes: limit)) { socket in
            try await socket.send(binary: [UInt8](repeating: 1, count: 100 << 10), inFramesOf: 999)
        }
        #expect(joined.messages.isEmpty)
        #expect(joined.reason == .tooLarge(limit: limit))
    }

    @Test(
        arguments: [
            // A continuation of nothing; a new message within one; a masked frame; a reserved opcode;
            // a reserved bit; a ping in fragments; a ping of 126 bytes.
            [[0x80, 0x01, 0x61]], [[0x01, 0x01, 0x61], [0x81, 0x01, 0x62]],
            [[0x81, 0x81, 1, 2, 3, 4, 0x60]], [[0x09, 0x01, 0x61]],
            [[0x89, 0x7E, 0, 0x7E] + [UInt8](repeating: 0, count: 126)],
        ] as [[[UInt8]]])
    func framesThatTheProtocolForbidsEndTheConversation(frames: [[UInt8]]) async throws {
        let heard = try await hear { socket in
            for frame in frames { try await socket.send(raw: frame) }
            try await Task.sleep(for: .seconds(1))
        }
        #expect(heard.messages.isEmpty)
        #expect(heard.reason == .malformed)
    }

    @Test func aWrongAcceptKeyIsNoWebSocket() async throws {
        let server = try await FakeServer.start { _ in
            FakeResponse(
                101,
                headers: [
                    ("Upgrade", "websocket"), ("Connection", "Upgrade"),
                    ("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                ])
        }
        await #expect(throws: TransportError.self) { try await connect(to: server, limits()) }
        await server.stop()
    }

    @Test(arguments: [200, 302, 400, 403, 404, 503])
    func anAnswerThatIsNoUpgradeIsAnError(status: Int) async throws {
        let server = try await FakeServer.start { _ in
            .text(status, "no", headers: [("Location", "http://127.0.0.1:1/ws")])
        }
        let error = await #expect(throws: TransportError.self) {
            try await connect(to: server, limits())
        }
        #expect(error?.reason == .malformed)
        #expect(server.requests.first?.target == "/ws?clientId=a%20b")
        await server.stop()
    }

    @Test func aHandshakeWithoutAnAnswerIsGivenUp() async throws {
        let server = try await FakeServer.start { _ in FakeResponse(200) }
        server.inject(.noResponse)
        let start = ContinuousClock.now
        let error = await #expect(throws: TransportError.self) {
            try await connect(to: server, limits(), connectSeconds: 1)
        }
        #expect(error?.reason == .timedOut)
        #expect(ContinuousClock.now - start < .seconds(20))
        await server.stop()
    }

    @Test func aQuietServerIsAskedForASignOfLife() async throws {
        let heard = try await hear(limits(idle: 2)) { socket in
            // It answers pings by itself, so that four seconds of silence harm nothing.
            try await Task.sleep(for: .seconds(4))
            try await socket.send("still here")
        }
        #expect(heard.messages == [.text("still here")])
        #expect(heard.reason == nil)
    }

    @Test func aServerThatAnswersNoPingIsGivenUp() async throws {
        let heard = try await hear(limits(idle: 0.3)) { socket in
            await socket.becomeDeaf()
            try await Task.sleep(for: .seconds(60))
        }
        #expect(heard.reason == .timedOut)
    }

    @Test func textIsSentInMaskedFrames() async throws {
        let server = try await FakeServer.start { _ in
            .webSocket { socket in
                for await message in socket.messages {
                    guard case .text(let text) = message else { continue }
                    try await socket.send("\(text) \(socket.unmaskedCount)")
                    return
                }
            }
        }
        let socket = try await connect(to: server, limits())
        try await socket.send("größe")
        var messages: [WebSocketMessage] = []
        for try await message in socket.messages { messages.append(message) }
        #expect(messages == [.text("größe 0")])
        await server.stop()
    }

    @Test func certificatesAreVerifiedHereToo() async throws {
        let folder = try PictureFolder()
        let caFile = try folder.file("ca.pem", Array(SelfSignedCertificate.pem.utf8))
        let heard = try await hear(isSecure: true, caFile: caFile) { try await $0.send("safe") }
        #expect(heard.messages == [.text("safe")])
        let server = try await FakeServer.start(isSecure: true) { _ in .webSocket { _ in } }
        let error = await #expect(throws: TransportError.self) {
            try await connect(to: server, limits())
        }
        #expect(error?.reason == .insecure)
        await server.stop()
    }
}
