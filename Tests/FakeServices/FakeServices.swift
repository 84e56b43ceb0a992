import FakeServers
import Foundation

/// Starts fake services and prints, one per line, kind, base URL and key; runs until stdin closes or
/// it is interrupted.
///
/// `fake-services [--port FIRST] [--only KIND [--count N] [--detailed] [--pace MS]]`: all kinds, or N of
/// one; with a port, they listen on FIRST, FIRST+1, ...; detailed pictures are as large as photographs;
/// a pace is the time of a step.
@main
struct FakeServices {
    static func main() async throws {
        let port = value("--port").flatMap { Int($0) } ?? 0
        let services =
            if let kind = value("--only") {
                try await FakeServiceList.start(
                    value("--count").flatMap { Int($0) } ?? 1, of: kind, firstPort: port,
                    isDetailed: CommandLine.arguments.contains("--detailed"),
                    pace: value("--pace").flatMap { Int($0) }.map { .milliseconds($0) })
            } else {
                try await FakeServiceList.start(firstPort: port)
            }
        for service in services {
            let line = "\(type(of: service).kind) \(service.baseURL) \(service.key ?? "-")\n"
            FileHandle.standardOutput.write(Data(line.utf8))
        }
        while let line = readLine(), line != "stop" {}
        for service in services { await service.stop() }
    }

    /// What stands behind an option.
    private static func value(_ option: String) -> String? {
        let arguments = CommandLine.arguments
        guard let place = arguments.firstIndex(of: option), place + 1 < arguments.count else {
            return nil
        }
        return arguments[place + 1]
    }
}
