import FakeServers
import Foundation
import Generation
import Images
import Providers
import Testing

/// 200 jobs over a group of eight backends: none is lost. What they cost says `backend-load`.
@Suite struct BackendFiguresTests {
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
