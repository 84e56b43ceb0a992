import ArgumentParser
import Diffusion
import Foundation
import Generation
import Settings
import Studio
import StudioRuntime

/// A failure with its exit status and the lines that tell it.
struct CommandFailure: Error {
    let status: ExitStatus
    /// What is shown on stderr, one line each; empty when everything is already said.
    let lines: [String]

    init(_ status: ExitStatus, lines: [String] = []) {
        self.status = status
        self.lines = lines
    }

    /// Any error in words.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure:
            self = failure
        case is CancellationError:
            self.init(.interrupted, lines: ["Interrupted"])
        case let error as any UserFacingError:
            let lines = error.summary.split(separator: "\n").map(String.init)
            self.init(
                Self.isInvalidInput(error) ? .invalid : .failed,
                lines: lines + (error.hint.map { ["Hint: \($0)"] } ?? []))
        default:
            self = Self.other(error)
        }
    }

    /// Errors about what was asked for, as against errors of the run.
    private static func isInvalidInput(_ error: any UserFacingError) -> Bool {
        if let error = error as? SchedulerError {
            switch error {
            case .unsupportedSchedule, .unsupportedSteps: return true
            case .unsupportedConfiguration, .unreadableConfiguration: return false
            }
        }
        return error is InvalidRequest || error is InvalidArguments || error is RequestFormatError
            || error is ConfigurationError || error is KeymapError || error is SessionNotFound
    }

    /// Errors of the argument parser and of Foundation.
    private static func other(_ error: any Error) -> CommandFailure {
        let code = Latent.exitCode(for: error)
        if code == .validationFailure {
            // The parser repeats arguments as they came, escape sequences included.
            let lines = Latent.message(for: error).split(separator: "\n").map {
                printable(String($0))
            }
            return CommandFailure(
                .invalid, lines: lines + ["Hint: `latent --help` lists commands and options"])
        }
        return CommandFailure(.failed, lines: [printable(error.localizedDescription)])
    }
}
