import FakeServers
import Foundation
import Generation
import Images
import Providers
import Testing

/// 200 jobs over a group of eight backends: none is lost, and with `RUN_BENCHMARKS=1` they cost
/// little.
///
/// The costs are asserted in release builds only: a debug build of the JSON reader takes tens of
/// times longer and says nothing about the program. The services run in a process of their own then,
/// so that this process's time and memory are those of the client alone.
@Suite(.serialized) struct BackendFiguresTests {
    static let count = 200

    @Test func twoHundredJobsOverEightBackendsAllArrive() async throws {
        let fakes = try await FakeServiceList.start(8, of: "octoai")
        let places = try fakes.map { (url: $0.baseURL, key: try #require($0.key)) }
        let made = try await Self.run(places) { request in
            request.extras["image_encoding"] = "jpeg"
            (request.width, request.height) = (1536, 640)
        }
        #expect(made.sorted() == (1...Self.count).map(UInt64.init))
        #expect(fakes.reduce(0) { $0 + $1.server.requests("POST ").count } == Self.count)
        for fake in fakes { await fake.stop() }
    }

    private static var isMeasuring: Bool {
        #if DEBUG
            false
        #else
            ProcessInfo.processInfo.environment["RUN_BENCHMARKS"] != nil
        #endif
    }

    /// Pictures of 1024x1024 as PNG of a photograph's size (about 2 MB, in base64 within JSON).
    @Test(.enabled(if: isMeasuring, "release builds with RUN_BENCHMARKS=1"))
    func twoHundredJobsCostLittleBeyondDecoding() async throws {
        let services = try FakeServicesProcess("--only", "octoai", "--count", "8", "--detailed")
        let places = try services.places()
        // Once, so that neither side counts what happens only the first time.
        _ = try await Self.run(places, count: 8)
        let files = (0..<4).map {
            FakePicture.detailed(width: 1024, height: 1024, seed: UInt64($0)).bytes
        }
        let beforeDecoding = Usage.now.seconds
        for job in 1...Self.count { _ = try PixelImage(decoding: files[job % 4]) }
        let decoding = (Usage.now.seconds - beforeDecoding) / Double(Self.count)
        Usage.forgetPeak()
        let start = Usage.now.seconds
        let made = try await Self.run(places)
        let whole = (Usage.now.seconds - start) / Double(Self.count)
        let peak = Usage.now.peakMiB
        services.stop()
        #expect(made.sorted() == (1...Self.count).map(UInt64.init))
        let report = String(
            format: "%.2f ms a job, %.2f of them decoding; a file has %d KiB; peak %d MiB",
            whole * 1000, decoding * 1000, files[0].count / 1024, peak)
        print(report)
        #expect(whole - decoding <= 0.005, "\(report)")
        #expect(peak < 200, "\(report)")
    }

    /// Runs jobs with the seeds 1, 2, ... over a group, all of them asked for at once.
    ///
    /// - Returns: the seeds of the pictures that came.
    private static func run(
        _ places: [(url: String, key: String)], count: Int = count,
        change: @escaping @Sendable (inout GenerationRequest) -> Void = { _ in }
    ) async throws -> [UInt64] {
        let members = try places.enumerated().map { index, place in
            try RemoteRun.generator(kind: "octoai", baseURL: place.url, key: place.key) {
                $0.id = "b\(index)"
                $0.slots = JobSlots(1)
            }
        }
        let group = BackendGroup(
            id: "eight", members: members, places: members.map { _ in 1 })
        return await withTaskGroup(of: [UInt64].self) { tasks in
            for job in 1...count {
                tasks.addTask {
                    var request = GenerationRequest(prompt: "job \(job)")
                    request.seeds = [UInt64(job)]
                    change(&request)
                    return await RemoteRun.run(group, request).images.compactMap(\.seed)
                }
            }
            return await tasks.reduce(into: [UInt64]()) { $0 += $1 }
        }
    }
}

/// `fake-services` as a process.
struct FakeServicesProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ arguments: String...) throws {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: link ?? CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("fake-services")
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// Address and key of each service.
    func places() throws -> [(url: String, key: String)] {
        var text = ""
        while text.split(separator: "\n").count < 8 || !text.hasSuffix("\n") {
            let piece = output.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "fake-services ended early")
            text += String(decoding: piece, as: UTF8.self)
        }
        return text.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return (words[1], words[2])
        }
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// What this process has used so far.
struct Usage {
    let seconds: Double
    let peakMiB: Int

    static var now: Usage {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        let kibibytes = line.split(separator: " ").compactMap { Int($0) }.first ?? 0
        // CLOCKS_PER_SEC is a million on every POSIX system.
        return Usage(seconds: Double(clock()) / 1e6, peakMiB: kibibytes / 1024)
    }

    /// Lets the peak begin anew (proc(5), clear_refs).
    static func forgetPeak() {
        try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    }
}
