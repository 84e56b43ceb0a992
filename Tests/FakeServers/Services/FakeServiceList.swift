/// All fakes at once.
public enum FakeServiceList {
    /// Starts one of each kind.
    ///
    /// - Parameter firstPort: 0 lets the system choose; else the services take consecutive ports.
    public static func start(firstPort: Int = 0) async throws -> [any FakeService] {
        func port(_ index: Int) -> Int { firstPort == 0 ? 0 : firstPort + index }
        return [
            try await FakeInference.start(port: port(0)),
            try await FakeImagePipeline.start(port: port(1)),
            try await FakeSegmind.start(port: port(2)),
            try await FakeOctoAI.start(port: port(3)),
            try await FakeA1111.start(port: port(4)),
            try await FakeComfyUI.start(port: port(5)),
            try await FakeSDServer.start(port: port(6)),
            try await FakeOpenAI.start(port: port(7)),
        ]
    }
}
