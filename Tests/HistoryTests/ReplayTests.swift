import Foundation
import Generation
import Hashing
import Images
import Settings
import Testing

@testable import History

@Suite struct ReplayTests {
    /// A backend that does everything as the fake does, but for what a test changes.
    private struct ChangedGenerator: ImageGenerator {
        var id = "changed"
        /// Added to every byte of a picture.
        var offset: UInt8 = 0
        var hashes: [String: String] = [:]
        var repeatability = GeneratorCapabilities.Repeatability.exact
        private let fake = FakeGenerator()

        init(
            offset: UInt8 = 0, hashes: [String: String] = [:],
            repeatability: GeneratorCapabilities.Repeatability = .exact
        ) {
            self.offset = offset
            self.hashes = hashes
            self.repeatability = repeatability
        }

        func capabilities(for request: GenerationRequest) async throws -> GeneratorCapabilities {
            var capabilities = try await fake.capabilities(for: request)
            capabilities.repeatability = repeatability
            return capabilities
        }

        func defaults(for request: GenerationRequest) async throws -> RequestDefaults {
            try await fake.defaults(for: request)
        }

        func generate(
            _ request: GenerationRequest, options: ExecutionOptions
        ) -> AsyncThrowingStream<GenerationEvent, any Error> {
            let (events, offset, hashes) = (
                fake.generate(request, options: options), offset, hashes
            )
            return AsyncThrowingStream { continuation in
                let task = Task {
                    do {
                        for try await event in events {
                            continuation.yield(Self.changed(event, offset, hashes))
                        }
                        continuation.finish()
                    } catch {
                        continuation.finish(throwing: error)
                    }
                }
                continuation.onTermination = { _ in task.cancel() }
            }
        }

        private static func changed(
            _ event: GenerationEvent, _ offset: UInt8, _ hashes: [String: String]
        ) -> GenerationEvent {
            switch event {
            case .image(let image):
                let bytes = image.image.rgb.map { $0 > 255 - offset ? $0 : $0 + offset }
                let pixels = PixelImage(
                    width: image.image.width, height: image.image.height, rgb: bytes)
                return .image(
                    GeneratedImage(
                        index: image.index, seed: image.seed, image: pixels ?? image.image))
            case .finished: return .finished(GenerationSummary(modelHashes: hashes))
            default: return event
            }
        }
    }

    /// Runs a request through a backend and records it with its pictures.
    private func record(
        _ request: GenerationRequest, in journal: TemporaryJournal, _ session: SessionWriter,
        files: [FileIdentity] = [], modelHashes: [String: String] = [:]
    ) async throws -> ULID {
        let job = try session.queue(QueuedJob(request: request, files: files))
        var images: [SavedImage] = []
        for try await event in FakeGenerator().generate(request, options: ExecutionOptions()) {
            guard case .image(let image) = event else { continue }
            let url = journal.folders.images.appendingPathComponent("\(job)-\(image.index).png")
            try Folders.create(journal.folders.images)
            try Data(try image.image.encoded(as: .png)).write(to: url)
            images.append(
                SavedImage(
                    index: image.index, path: journal.store.recordedPath(of: url),
                    seed: image.seed, width: image.image.width, height: image.image.height,
                    pixelsSHA256: image.image.pixelsSHA256))
        }
        let summary = GenerationSummary(modelHashes: modelHashes)
        try session.finished(job, FinishedJob(images: images, summary: summary))
        return job
    }

    private func verdicts(
        _ plan: ReplayPlan, with generator: some ImageGenerator = ChangedGenerator(),
        engine: EngineIdentity? = TemporaryJournal.engine, files: [FileIdentity] = []
    ) async throws -> [ReplayVerdict] {
        let replayer = Replayer(.init(engine: engine, files: { _ in files }))
        var verdicts: [ReplayVerdict] = []
        for item in plan.items {
            verdicts += try await replayer.replay(item, with: generator).verdicts
        }
        return verdicts
    }

    @Test func aSessionOfManyKindsReplaysIdentically() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        for (number, sampler) in Sampler.allCases.enumerated() {
            var request = journal.request("picture \(number)", seed: UInt64(number))
            request.sampler = sampler
            request.width = 64 + 8 * (number % 4)
            request.seeds = (0...UInt64(number % 3)).map { $0 + 7 }
            _ = try await record(request, in: journal, session)
        }
        let unfinished = try session.queue(QueuedJob(request: journal.request("never run")))
        let plan = try ReplayPlanner(store: journal.store).plan([session.url.path])
        #expect(plan.items.count == Sampler.allCases.count)
        #expect(plan.notes.count == 1 && plan.notes[0].contains(unfinished.description))
        let verdicts = try await verdicts(plan)
        #expect(verdicts.count > plan.items.count)
        #expect(verdicts.allSatisfy { $0.kind == .identical && $0.original == .intact })
    }

    @Test func aSmallDifferenceIsCloseAndALargeOneDifferent() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let job = try await record(journal.request("a"), in: journal, session)
        let plan = try ReplayPlanner(store: journal.store).plan([String(job.description.suffix(8))])
        let close = try #require(try await verdicts(plan, with: ChangedGenerator(offset: 1)).first)
        #expect(close.kind == .close)
        #expect(close.psnr.map { $0 > 45 && $0 < 50 } == true)
        #expect(close.text.hasPrefix("close PSNR 4"))
        let far = try #require(try await verdicts(plan, with: ChangedGenerator(offset: 90)).first)
        #expect(far.kind == .different)
        #expect(far.text.hasPrefix("different PSNR "))
    }

    @Test func aChangedWeightFileIsTheFirstReason() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let old = FileIdentity(
            role: "model", path: "/m/a", byteCount: 1, sha256: "aaaabbbbccccdddd")
        let job = try await record(journal.request("a"), in: journal, session, files: [old])
        let plan = try ReplayPlanner(store: journal.store).plan([job.description])
        var new = old
        new.sha256 = "1111222233334444"
        let generator = ChangedGenerator(offset: 90)
        let verdict = try #require(
            try await verdicts(plan, with: generator, files: [new]).first)
        #expect(
            verdict.reasons == ["model hash: aaaabbbbcc was recorded, now 1111222233 (/m/a)"])
        let same = try #require(try await verdicts(plan, with: generator, files: [old]).first)
        #expect(same.reasons.isEmpty)
        #expect(same.text.contains("no recorded reason"))
    }

    @Test func hashesThatTheEngineReportsAreCompared() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let job = try await record(
            journal.request("a"), in: journal, session,
            modelHashes: ["lora:ink": "aa", "model": "bb"])
        let plan = try ReplayPlanner(store: journal.store).plan([job.description])
        let generator = ChangedGenerator(offset: 90, hashes: ["model": "cc"])
        let verdict = try #require(try await verdicts(plan, with: generator).first)
        #expect(verdict.reasons.first?.hasPrefix("model hash: bb was recorded, now cc") == true)
        #expect(verdict.reasons.last == "lora:ink is not there any more")
    }

    @Test func engineCPUAndBackendAreReasons() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let job = try await record(journal.request("a"), in: journal, session)
        let plan = try ReplayPlanner(store: journal.store).plan([job.description])
        let other = EngineIdentity(program: "latent 0.2.0", build: "new", cpuFeatures: ["avx2"])
        let engine = try #require(
            try await verdicts(plan, with: ChangedGenerator(offset: 90), engine: other).first)
        #expect(engine.reasons.count == 2)
        #expect(engine.reasons[0].hasPrefix("engine version: latent 0.1.0 build test"))
        #expect(engine.reasons[1] == "CPU features: now without avx512_bf16")
        let remote = try #require(
            try await verdicts(
                plan, with: ChangedGenerator(offset: 90, repeatability: .none)
            ).first)
        #expect(remote.reasons == ["the backend local cannot repeat a picture"])
    }

    @Test func fieldsThatWereSetAreReasons() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let job = try await record(journal.request("a"), in: journal, session)
        var plan = try ReplayPlanner(store: journal.store).plan([job.description])
        try plan.apply([try FieldSetting("seed=99"), try FieldSetting("steps=4")])
        #expect(plan.items[0].changes == [.seeds])
        let verdict = try #require(try await verdicts(plan).first)
        #expect(verdict.kind != .identical)
        #expect(verdict.reasons.first == "seeds was changed to 99")
    }

    @Test func aPicturesOwnMetadataIsEnough() async throws {
        let journal = try TemporaryJournal()
        var request = journal.request("from a picture", seed: 5)
        request.seeds = [5, 6]
        let pixels = try await pictures(of: request)[1]
        let record = PictureRecord(
            request: request, seed: 6, pixelsSHA256: pixels.pixelsSHA256)
        let data = try PictureMetadata.embed(
            record, in: Data(try pixels.encoded(as: .png)), width: 64, height: 64)
        let file = journal.home.appendingPathComponent("second.png")
        try data.write(to: file)
        let plan = try ReplayPlanner(store: journal.store).plan([file.path])
        let verdict = try #require(try await verdicts(plan).first)
        #expect(verdict.kind == .identical)
        #expect(verdict.original == .intact)
        #expect(plan.items[0].request.seeds == [6])
    }

    @Test func aForeignPictureIsComparedByLikeness() async throws {
        let journal = try TemporaryJournal()
        let pixels = try await pictures(of: journal.request("x"))[0]
        let text = "x\nSteps: 4, Sampler: Euler, CFG scale: 5, Seed: 1, Size: 64x64, RNG: CPU"
        let data = try PNGTextChunks.insert(
            [TextEntry(keyword: "parameters", text: text)],
            into: Data(try pixels.encoded(as: .png)))
        let file = journal.home.appendingPathComponent("foreign.png")
        try data.write(to: file)
        let plan = try ReplayPlanner(store: journal.store).plan([file.path])
        let same = try #require(try await verdicts(plan).first)
        #expect(same.kind == .identical)
        let close = try #require(try await verdicts(plan, with: ChangedGenerator(offset: 1)).first)
        #expect(close.kind == .close)
        #expect(close.reasons.contains("it was made by AUTOMATIC1111 web UI"))
    }

    @Test func missingAndChangedOriginalsAreToldApart() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let job = try await record(journal.request("a"), in: journal, session)
        let plan = try ReplayPlanner(store: journal.store).plan([job.description])
        let file = try #require(plan.items[0].expected[0].url)
        let other = PixelImage(width: 64, height: 64, filledWith: (1, 2, 3))
        try Data(try other.encoded(as: .png)).write(to: file)
        #expect(try await verdicts(plan).first?.original == .changed)
        #expect(try await verdicts(plan).first?.kind == .identical)
        try FileManager.default.removeItem(at: file)
        let verdict = try #require(try await verdicts(plan).first)
        #expect(verdict.original == .missing)
        #expect(verdict.text.contains("the original is gone"))
    }

    @Test func aStoppedReplayContinuesWhereItWas() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        _ = try await record(journal.request("a"), in: journal, session)
        _ = try await record(journal.request("b"), in: journal, session)
        let plan = try ReplayPlanner(store: journal.store).plan([session.sessionName])
        let folder = journal.folders.state
        var progress = ReplayProgress(plan: plan, key: "test", folder: folder)
        #expect(progress.done.isEmpty)
        try progress.add(ReplayResult(title: "a"), item: 0)
        try progress.add(ReplayResult(title: "b", failure: "x"), item: 1)
        #expect(ReplayProgress(plan: plan, key: "test", folder: folder).done.keys.sorted() == [0])
        #expect(ReplayProgress(plan: plan, key: "other", folder: folder).done.isEmpty)
        progress.clear()
        #expect(ReplayProgress(plan: plan, key: "test", folder: folder).done.isEmpty)
    }

    @Test func cancellingStopsAReplay() async throws {
        let journal = try TemporaryJournal()
        let session = journal.store.openSession(TemporaryJournal.engine)
        let job = try await record(journal.request("a"), in: journal, session)
        let item = try ReplayPlanner(store: journal.store).plan([job.description]).items[0]
        let task = Task {
            let slow = FakeGenerator(stepDuration: .seconds(20))
            return try await Replayer(.init(engine: nil)).replay(item, with: slow)
        }
        try await Task.sleep(for: .milliseconds(30))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func namesThatMeanNothingAreErrors() throws {
        let journal = try TemporaryJournal()
        let planner = ReplayPlanner(store: journal.store)
        #expect(throws: JournalError.self) { try planner.plan(["ABCDEFGH"]) }
        let empty = journal.home.appendingPathComponent("empty.jsonl")
        try Data().write(to: empty)
        #expect(throws: JournalError.self) { try planner.plan([empty.path]) }
        let plain = journal.home.appendingPathComponent("plain.png")
        let pixels = PixelImage(width: 8, height: 8, filledWith: (0, 0, 0))
        try Data(try pixels.encoded(as: .png)).write(to: plain)
        #expect(throws: JournalError.self) { try planner.plan([plain.path]) }
    }

    private func pictures(of request: GenerationRequest) async throws -> [PixelImage] {
        var pictures: [PixelImage] = []
        for try await event in FakeGenerator().generate(request, options: ExecutionOptions()) {
            if case .image(let image) = event { pictures.append(image.image) }
        }
        return pictures
    }
}
