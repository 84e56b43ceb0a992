import FakeServers
import Foundation

/// Starts every fake service and prints, one per line, kind, base URL and key; runs until stdin
/// closes or it is interrupted.
///
/// `fake-services [--port FIRST]`: with a port, the services listen on FIRST, FIRST+1, ...
@main
struct FakeServices {
    static func main() async throws {
        let arguments = CommandLine.arguments
        var port = 0
        if let flag = arguments.firstIndex(of: "--port"), flag + 1 < arguments.count {
            port = Int(arguments[flag + 1]) ?? 0
        }
        let services = try await FakeServiceList.start(firstPort: port)
        for service in services {
            let line = "\(type(of: service).kind) \(service.baseURL) \(service.key ?? "-")\n"
            FileHandle.standardOutput.write(Data(line.utf8))
        }
        while let line = readLine(), line != "stop" {}
        for service in services { await service.stop() }
    }
}
