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

    /// Starts several of a kind: 0 as the first port lets the system choose.
    ///
    /// - Parameters:
    ///   - isDetailed: whether OctoAI's pictures and ComfyUI's previews are as large as those of
    ///     photographs.
    ///   - pace: the time of a step where the service has steps, of the work where it has none; nil:
    ///     none to speak of.
    public static func start(
        _ count: Int, of kind: String, firstPort: Int = 0, isDetailed: Bool = false,
        pace: Duration? = nil
    ) async throws -> [any FakeService] {
        var services: [any FakeService] = []
        for index in 0..<count {
            let port = firstPort == 0 ? 0 : firstPort + index
            let service: any FakeService =
                switch kind {
                case FakeInference.kind: try await FakeInference.start(port: port)
                case FakeImagePipeline.kind: try await FakeImagePipeline.start(port: port)
                case FakeSegmind.kind: try await FakeSegmind.start(port: port)
                case FakeOctoAI.kind: try await FakeOctoAI.start(port: port)
                case FakeA1111.kind: try await FakeA1111.start(port: port)
                case FakeComfyUI.kind: try await FakeComfyUI.start(port: port)
                case FakeSDServer.kind: try await FakeSDServer.start(port: port)
                default: try await FakeOpenAI.start(port: port)
                }
            adjust(service, isDetailed, pace)
            services.append(service)
        }
        return services
    }

    private static func adjust(
        _ service: any FakeService, _ isDetailed: Bool, _ pace: Duration?
    ) {
        switch service {
        case let service as FakeOctoAI:
            service.behave {
                $0.isDetailed = isDetailed
                $0.pace = pace ?? $0.pace
            }
        case let service as FakeComfyUI:
            service.behave {
                $0.hasDetailedPreviews = isDetailed
                $0.pace = pace ?? $0.pace
            }
        case let service as FakeA1111: service.behave { $0.pace = pace ?? $0.pace }
        case let service as FakeInference: service.behave { $0.pace = pace ?? $0.pace }
        default: break
        }
    }
}
