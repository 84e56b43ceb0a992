import Foundation
import Generation
import Images
import Presets
import Settings
import Tensors
import Terminal

/// What `doctor` tells.
struct DoctorReport: Encodable {
    struct CPU: Encodable {
        let features: [String]
        /// The instructions that the engine's kernels will use.
        let kernels: String
        let cores: Int
        let memoryBytes: UInt64
    }

    struct Graphics: Encodable {
        let isTerminal: Bool
        let best: String
        let capabilities: TerminalCapabilities
    }

    struct Models: Encodable {
        let embedded: String?
        let named: [ModelCatalog.Entry]
    }

    let version: String
    let libraries: [String: String]
    let cpu: CPU
    let terminal: Graphics
    let folders: [String: String]
    let models: Models
    let backends: [String]
    let defaultBackend: String
    /// What is wrong in configuration, themes and presets.
    let problems: [String]

    init(_ context: CommandContext) {
        version = ProgramVersion.current
        var libraries = ImageLibraries.versions
        libraries["libsixel"] = SixelEncoder.libraryVersion
        let machine = MachineReport()
        libraries["oneDNN"] = machine.oneDNNVersion
        libraries["OpenBLAS"] = machine.openBLASVersion
        self.libraries = libraries
        cpu = CPU(
            features: CPUFeatures.names, kernels: InstructionLevel.preferred.name,
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory)
        let question = TerminalQuestion.ask(environment: context.environment)
        terminal = Graphics(
            isTerminal: question.isTerminal, best: question.bestGraphics.rawValue,
            capabilities: question.capabilities)
        folders = [
            "config": context.folders.config.path, "data": context.folders.data.path,
            "cache": context.folders.cache.path, "state": context.folders.state.path,
        ]
        models = Models(
            embedded: LocalBackend.embeddedModel?.path, named: context.catalog.entries)
        backends = context.backends.names
        defaultBackend = context.configuration.defaultBackend
        let themes = ThemeLibrary.load(
            userFolder: context.folders.config.appendingPathComponent("themes"))
        problems = (context.presets.problems + themes.problems).map(\.description)
    }

    /// The report for people.
    var lines: [String] {
        let capabilities = terminal.capabilities
        let cell = capabilities.cellPixels.map { "\($0.width)x\($0.height) pixels" } ?? "unknown"
        let cells = capabilities.cells.map { "\($0.width)x\($0.height)" } ?? "unknown"
        return [
            "latent      \(version)",
            "CPU         \(cpu.cores) cores, \(cpu.features.joined(separator: " "))",
            "kernels     \(cpu.kernels)",
            "memory      \(ByteCount.text(Int(clamping: cpu.memoryBytes)))",
            "terminal    \(terminal.isTerminal ? capabilities.version ?? "unnamed" : "none"), "
                + "\(cells) cells of \(cell)",
            "graphics    \(terminal.best); sixel \(word(capabilities.supportsSixel)), kitty "
                + "\(word(capabilities.answersKittyGraphics)), colours "
                + capabilities.colorDepth.rawValue,
            "libraries   "
                + libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                .joined(separator: ", "),
            "models      "
                + (models.embedded == nil ? "no embedded model" : "embedded model present")
                + ", \(models.named.count) by name",
            "backends    \(backends.joined(separator: ", ")); default \(defaultBackend)",
        ]
            + folders.sorted { $0.key < $1.key }.map {
                $0.key.padding(toLength: 12, withPad: " ", startingAt: 0) + printable($0.value)
            }
            + problems.map { "problem     \($0)" }
    }

    private func word(_ isSo: Bool) -> String { isSo ? "yes" : "no" }
}
