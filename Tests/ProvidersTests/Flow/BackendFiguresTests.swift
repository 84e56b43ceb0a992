import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// 200 jobs over 8 backends at once: none is lost. With RUN_BENCHMARKS=1 memory and processor time
/// are printed and held against their limits.
@Suite(.serialized) struct BackendFiguresTests {
    @Test func twoHundredJobsOverEightBackendsAllArrive() async throws {
        let isMeasuring = ProcessInfo.processInfo.environment["RUN_BENCHMARKS"] != nil
        var generators: [RemoteGenerator] = []
        var fakes: [FakeOctoAI] = []
        for index in 0..<8 {
            let fake = try await FakeOctoAI.start()
            fakes.append(fake)
            generators.append(
                try RemoteRun.generator(fake) {
                    $0.id = "b\(index)"
                    $0.slots = JobSlots(1)
                })
        }
        let count = 200
        let start = Usage.now
        let made = await withTaskGroup(of: [UInt64].self) { tasks in
            for job in 0..<count {
                let generator = generators[job % generators.count]
                tasks.addTask {
                    var request = GenerationRequest(prompt: "job \(job)")
                    request.seeds = [UInt64(job + 1)]
                    request.extras["image_encoding"] = "jpeg"
                    (request.width, request.height) = (1536, 640)
                    return await RemoteRun.run(generator, request).images.compactMap(\.seed)
                }
            }
            return await tasks.reduce(into: [UInt64]()) { $0 += $1 }
        }
        let used = Usage.now.seconds - start.seconds
        #expect(Set(made) == Set((1...count).map(UInt64.init)))
        #expect(made.count == count)
        if isMeasuring {
            print("processor time per job, both sides and decoding:", used / Double(count))
            print("peak resident memory of both sides, MiB:", Usage.now.peakMiB)
        }
        for fake in fakes { await fake.stop() }
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
}
