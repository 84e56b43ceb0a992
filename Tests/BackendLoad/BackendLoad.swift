import FakeServers
import Foundation
import Generation
import Images
import Providers
import Settings
import Transport

/// `backend-load [KIND ...]`: what 200 jobs over a group of eight backends cost this process beyond
/// decoding their pictures, and how much memory they take. Build it with `-c release`: a debug build's
/// JSON reader is too slow to say anything.
///
/// The services run in a process of their own, so that time and memory are those of the client alone.
/// The exit status is 1 when a job is lost or a bar is missed.
@main
struct BackendLoad {
    static let jobs = 200
    static let members = 8
    /// Seconds of processor time per job beyond decoding.
    static let barOfTime = 0.005
    static let barOfMemory = 200

    static func main() async throws {
        let named = Array(CommandLine.arguments.dropFirst())
        var isMissed = false
        for kind in named.isEmpty ? ["octoai", "inferencesh", "a1111", "comfyui"] : named {
            isMissed = try await !measure(kind) || isMissed
        }
        exit(isMissed ? 1 : 0)
    }

    /// - Returns: whether the bars are kept.
    static func measure(_ kind: String) async throws -> Bool {
        let services = try FakeServicesProcess(kind, count: members)
        defer { services.stop() }
        let group = try group(kind, services.places)
        // Once, so that neither side counts what happens only the first time.
        _ = await run(group, kind, count: members)
        let files = (0..<4).map { file(kind, seed: $0) }
        let beforeDecoding = Usage.now.seconds
        try await decode(files)
        let decoding = (Usage.now.seconds - beforeDecoding) / Double(jobs)
        Usage.forgetPeak()
        let start = (cpu: Usage.now.seconds, clock: ContinuousClock.now)
        let made = await run(group, kind, count: jobs)
        let whole = (Usage.now.seconds - start.cpu) / Double(jobs)
        let peak = Usage.now.peakMiB
        print(
            String(
                format:
                    "%@: %d of %d pictures in %.1f s; %.2f ms of CPU a job, %.2f of them decoding "
                    + "%d KiB: %.2f beyond; peak %d MiB",
                kind, made, jobs, seconds(since: start.clock), whole * 1000, decoding * 1000,
                files[0].count / 1024, (whole - decoding) * 1000, peak))
        return made == jobs && whole - decoding <= barOfTime && peak < barOfMemory
    }

    /// Decodes as many pictures as there are jobs, as many side by side as there are backends.
    private static func decode(_ files: [[UInt8]]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for job in 1...jobs {
                if job > members { try await tasks.next() }
                tasks.addTask { _ = try PixelImage(decoding: files[job % files.count]) }
            }
            try await tasks.waitForAll()
        }
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        let time = (ContinuousClock.now - start).components
        return Double(time.seconds) + Double(time.attoseconds) * 1e-18
    }

    /// A picture as the service sends it: OctoAI's are as hard to compress as photographs.
    private static func file(_ kind: String, seed: UInt64) -> [UInt8] {
        kind == "octoai"
            ? FakePicture.detailed(width: 1024, height: 1024, seed: seed).bytes
            : FakePicture.bytes(width: 1024, height: 1024, seed: seed)
    }

    private static func group(
        _ name: String, _ places: [(url: String, key: String)]
    ) throws -> BackendGroup {
        guard let kind = BackendKind(rawValue: name),
            let service = ServiceRegistry.service(of: kind)
        else { throw CocoaError(.featureUnsupported) }
        let transport = try ClientTransport()
        let members = try places.enumerated().map { index, place in
            guard let url = URL(string: place.url) else { throw CocoaError(.formatting) }
            let credential = place.key == "-" ? nil : Credential(place.key)
            let configuration = RemoteGenerator.Configuration(
                id: "b\(index)", service: service, endpoint: Endpoint(url)
            ) { credential }
            return RemoteGenerator(configuration, transport: transport)
        }
        return BackendGroup(id: "eight", members: members, places: members.map { _ in 1 })
    }

    /// Asks for all jobs at once.
    ///
    /// - Returns: how many pictures came, each of another job.
    private static func run(_ group: BackendGroup, _ kind: String, count: Int) async -> Int {
        await withTaskGroup(of: Int.self) { tasks in
            for job in 1...count {
                tasks.addTask {
                    var request = GenerationRequest(prompt: "job \(job)")
                    (request.width, request.height) = (1024, 1024)
                    if kind == "octoai" { request.extras["image_encoding"] = "png" }
                    if kind != "inferencesh" { request.seeds = [UInt64(job)] }
                    return await pictures(group, request) == 1 ? 1 : 0
                }
            }
            return await tasks.reduce(0, +)
        }
    }

    private static func pictures(_ group: BackendGroup, _ request: GenerationRequest) async -> Int {
        var count = 0
        do {
            for try await event in group.generate(request, options: ExecutionOptions()) {
                if case .image(let picture) = event, picture.seed == request.seeds.first {
                    count += 1
                }
            }
        } catch {
            FileHandle.standardError.write(Data("\(request.prompt): \(error)\n".utf8))
        }
        return count
    }
}

/// `fake-services` as a process.
struct FakeServicesProcess {
    /// Address and key of each.
    let places: [(url: String, key: String)]
    private let process = Process()
    private let input = Pipe()

    init(_ kind: String, count: Int) throws {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: link ?? CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("fake-services")
        process.arguments =
            ["--only", kind, "--count", "\(count)"] + (kind == "octoai" ? ["--detailed"] : [])
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text = ""
        while text.split(separator: "\n").count < count || !text.hasSuffix("\n") {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw CocoaError(.fileReadUnknown) }
            text += String(decoding: piece, as: UTF8.self)
        }
        places = text.split(separator: "\n").map { line in
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
