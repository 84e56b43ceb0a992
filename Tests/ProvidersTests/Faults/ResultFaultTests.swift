import FakeServers
import Foundation
import Generation
import Images
import Providers
import Testing

/// What can be wrong with the address of a picture, and with the picture.
@Suite(.serialized) struct ResultFaultTests {
    private func run(
        link: String, _ prepare: (FakeImagePipeline) -> Void = { _ in }
    ) async throws -> (RemoteRun, FakeImagePipeline) {
        let fake = try await FakeImagePipeline.start()
        let expanded = link.replacingOccurrences(of: "FILES", with: fake.files.server.origin)
        fake.behave { $0.links = [.string(expanded)] }
        prepare(fake)
        return (try await RemoteRun.run(fake), fake)
    }

    @Test(
        arguments: [
            "file:///etc/passwd", "ftp://example.org/a.png", "javascript:alert(1)", "",
            "data:image/png;base64,AAAA", "http://user:secret@127.0.0.1/a.png", "http://",
            "gopher://127.0.0.1/x",
        ])
    func addressesOfOtherKindsAreRefused(link: String) async throws {
        let (run, fake) = try await run(link: link)
        #expect([.untrustedAddress, .malformed].contains(run.kind))
        #expect(!run.text.contains("secret"))
        await fake.stop()
    }

    @Test func aRelativeAddressIsTakenFromTheServiceWithoutTheKey() async throws {
        let fake = try await FakeImagePipeline.start()
        fake.behave { $0.links = ["/files/a.png"] }
        let picture = FakePicture.bytes(width: 8, height: 8, seed: 3)
        fake.server.inject(.answer(FakeResponse(200, "image/png", picture)), on: "GET /files/")
        let run = try await RemoteRun.run(fake)
        #expect(run.images.first?.image == FakePicture.image(width: 8, height: 8, seed: 3))
        let fetch = try #require(fake.server.requests("GET /files/").first)
        #expect(fetch.values(of: "API-Key").isEmpty)
        await fake.stop()
    }

    @Test func anExpiredAddressIsSaidToBeExpired() async throws {
        let (run, fake) = try await run(link: "FILES/gone.png")
        #expect(run.kind == .notFound)
        #expect(run.text.contains("expire"))
        await fake.stop()
    }

    @Test func aRedirectOfAPictureIsFollowedWithoutTheKey() async throws {
        let (run, fake) = try await run(link: "FILES/first.png") { fake in
            let last = fake.files.hold(
                FakePicture.bytes(width: 8, height: 8, seed: 3), type: "image/png",
                at: "/last.png")
            fake.files.server.inject(.redirect(302, to: last), on: "GET /first.png")
        }
        #expect(run.images.count == 1)
        #expect(fake.files.server.violations == [])
        await fake.stop()
    }

    @Test func redirectsDoNotGoOnForEverOrElsewhere() async throws {
        for target in ["FILES/first.png", "file:///etc/passwd", "ftp://example.org/x"] {
            let (run, fake) = try await run(link: "FILES/first.png") { fake in
                let place = target.replacingOccurrences(
                    of: "FILES", with: fake.files.server.origin)
                fake.files.server.inject(.redirect(302, to: place), times: 9, on: "GET ")
            }
            #expect(run.kind == .untrustedAddress)
            await fake.stop()
        }
    }

    @Test func damagedPicturesAreErrorsInWords() async throws {
        let whole = FakePicture.bytes(width: 64, height: 64, seed: 3)
        let pictures: [[UInt8]] = [
            [], Array(whole.prefix(40)), Array(whole.dropLast(30)), Array("not a picture".utf8),
            FakePicture.absurdlyLargePNG(), Array("RIFF....WEBPVP8 ".utf8),
        ]
        for bytes in pictures {
            let (run, fake) = try await run(link: "FILES/a.png") {
                $0.files.hold(bytes, type: "image/png", at: "/a.png")
            }
            #expect(run.error is any UserFacingError)
            #expect(run.images.isEmpty)
            await fake.stop()
        }
    }

    @Test func theContentTypeDoesNotMatter() async throws {
        let (run, fake) = try await run(link: "FILES/a.jpg") {
            $0.files.hold(
                FakePicture.bytes(width: 8, height: 8, seed: 3), type: "text/html", at: "/a.jpg")
        }
        #expect(run.images.count == 1)
        await fake.stop()
    }

    @Test func aPictureThatBreaksOffIsFetchedAgain() async throws {
        let faults: [Fault] = [
            .cutBody(after: 20, resets: true), .cutBody(after: 20, resets: false), .status(500),
            .resetBeforeResponse,
        ]
        for fault in faults {
            let (run, fake) = try await run(link: "FILES/a.png") {
                $0.files.hold(
                    FakePicture.bytes(width: 64, height: 64, seed: 3), type: "image/png",
                    at: "/a.png")
                $0.files.server.inject(fault, on: "GET /a.png")
            }
            #expect(run.images.count == 1)
            #expect(fake.files.server.requests("GET /a.png").count == 2)
            await fake.stop()
        }
    }

    @Test func aGzipBombIsStopped() async throws {
        let (run, fake) = try await run(link: "FILES/a.png") {
            $0.files.hold([1], type: "image/png", at: "/a.png")
            $0.files.server.inject(.gzipBomb(bytes: 500 << 20), times: 9, on: "GET /a.png")
        }
        #expect(run.kind == .connection)
        #expect(run.text.contains("larger than"))
        await fake.stop()
    }

    @Test func anEndlessBodyIsStopped() async throws {
        let (run, fake) = try await run(link: "FILES/a.png") {
            $0.files.hold([1], type: "image/png", at: "/a.png")
            $0.files.server.inject(
                .oversize(bytes: 100 << 20, isDeclared: false), times: 9, on: "GET /a.png")
        }
        #expect(run.kind == .connection)
        await fake.stop()
    }
}
