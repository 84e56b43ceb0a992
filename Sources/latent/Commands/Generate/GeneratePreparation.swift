import Foundation
import Generation
import Images
import Presets
import Settings

/// Everything that happens before the work: options become a validated job, and every problem on
/// the way is collected.
struct GeneratePreparation {
    let arguments: GenerateArguments
    let context: CommandContext
    /// A request that stands in for `--request`.
    var sharedRequest: GenerationRequest?
    /// Whether the output path is a sheet's, not a picture's.
    var writesSheet = false
    private var reader = ArgumentReader()

    init(_ arguments: GenerateArguments, _ context: CommandContext) {
        self.arguments = arguments
        self.context = context
    }

    /// Validates.
    ///
    /// - Throws: ``InvalidArguments`` with all problems, or the error of a backend that cannot tell
    ///   what it accepts.
    mutating func job() async throws -> GenerationJob {
        let base = baseRequest()
        var request = arguments.request(
            from: base, prompt: prompt(),
            defaultBackend: context.configuration.defaultBackend, reader: &reader,
            drawSeed: { UInt64.random(in: 0...UInt64(UInt32.max)) })
        let options = arguments.running.options(&reader)
        checkFiles(of: request)
        guard let generator = generator(for: request) else { throw invalid() }
        let (capabilities, defaults) = try await describe(generator, request)
        applyPreset(to: &request, defaults)
        expandPrompts(of: &request)
        if base?.seeds.isEmpty ?? true { leaveOutDrawnSeed(of: &request, capabilities) }
        var warnings: [String] = []
        if arguments.running.allowsUnsupported {
            warnings = request.dropUnsupported(by: capabilities)
        }
        addProblems(try await generator.problems(with: request))
        if !["local", "fake"].contains(request.backend) { checkLeaving(capabilities) }
        if request.backend == "local" { request = LocalBackend.naming(request, context.catalog) }
        request = request.filled(from: defaults)
        request.leaveOpen(beyond: capabilities)
        checkPlan(id: JobRecorder.newID(), seeds: request.seeds)
        try reader.problems.throwIfAny()
        return GenerationJob(
            request: request.withAbsolutePaths(), generator: generator, options: options,
            warnings: warnings)
    }

    /// A seed that nobody asked for is no reason to refuse a backend that takes none.
    private func leaveOutDrawnSeed(
        of request: inout GenerationRequest, _ capabilities: GeneratorCapabilities
    ) {
        let isAsked = arguments.sampling.seed.map { $0.lowercased() != "random" } ?? false
        guard !capabilities.support(for: .seeds).isSupported, !isAsked,
            request.seeds.count <= capabilities.maximumCount
        else { return }
        request.seeds = []
    }

    /// Whether the backend can be left, and calls back.
    private mutating func checkLeaving(_ capabilities: GeneratorCapabilities) {
        if arguments.running.leavesAfterSubmitting, !capabilities.canResume {
            reader.problems.add(
                "--no-wait", "", "this backend answers only to those who wait for it")
        }
        if let webhook = arguments.running.webhook, !capabilities.takesWebhook {
            reader.problems.add("--webhook", webhook, "this backend does not call back")
        }
    }

    /// Adds what a request's rules say; that there are too many pictures is said of `--count` where
    /// that asked for them.
    private mutating func addProblems(_ problems: [RequestProblem]) {
        for problem in problems {
            if problem.field == .seeds, let count = arguments.sampling.count {
                reader.problems.add("--count", count, problem.reason)
            } else {
                reader.problems.add([problem])
            }
        }
    }

    /// Fills fields from `--preset`.
    private mutating func applyPreset(
        to request: inout GenerationRequest, _ defaults: RequestDefaults
    ) {
        guard let name = arguments.prompt.preset else { return }
        let presets = context.presets
        if let preset = presets.parameters(named: name) {
            request = preset.applied(
                to: request, defaults: defaults, keeping: arguments.givenFields(request))
        } else {
            let names = presets.parameters.map(\.name).joined(separator: ", ")
            reader.problems.add("--preset", name, "one of \(names) is needed")
        }
    }

    /// Records what choices, wildcards and `--style` make of the prompts.
    private mutating func expandPrompts(of request: inout GenerationRequest) {
        let reroll = arguments.prompt.reroll(&reader)
        let drawSeed = arguments.prompt.drawSeed(&reader)
        guard
            request.style != nil || reroll != nil || drawSeed != nil
                || PromptExpander.isDynamic(request)
        else { return }
        do {
            request = try context.expander.expanded(
                request, rerolling: reroll, drawSeed: drawSeed)
        } catch let error as UnknownStyle {
            reader.problems.add("--style", error)
        } catch let error as PromptExpansionError {
            reader.problems.add(error.field.option, "", error.reason)
        } catch {
            reader.problems.add("PROMPT", "", "cannot be expanded")
        }
    }

    /// The paths of a job's pictures.
    func plan(id: String, seeds: [UInt64]) -> OutputPlan {
        var ignored = ArgumentReader()
        return plan(id: id, seeds: seeds, &ignored)
    }

    private func plan(
        id: String, seeds: [UInt64], _ reader: inout ArgumentReader
    ) -> OutputPlan {
        OutputPlan(
            path: arguments.output.path, format: arguments.output.format,
            folder: context.folders.images, id: id, seeds: seeds, reader: &reader)
    }

    private func invalid() -> InvalidArguments {
        InvalidArguments(descriptions: reader.problems.descriptions)
    }

    private mutating func baseRequest() -> GenerationRequest? {
        guard let path = arguments.requestFile else { return sharedRequest }
        do {
            let reading = try RequestFile.read(path)
            for problem in reading.problems { reader.problems.add("--request", path, problem) }
            return reading.request
        } catch let error as any UserFacingError {
            reader.problems.add("--request", error)
        } catch {
            reader.problems.add("--request", path, "cannot be read")
        }
        return nil
    }

    private mutating func prompt() -> String? {
        do {
            return try PromptInput.prompt(arguments.prompt.prompt)
        } catch let error as any UserFacingError {
            reader.problems.add("PROMPT -", error)
        } catch {
            reader.problems.add("PROMPT", "-", "stdin cannot be read")
        }
        return ""
    }

    private mutating func checkFiles(of request: GenerationRequest) {
        InputFiles.check(
            request, acceptsLinks: !["local", "fake"].contains(request.backend),
            problems: &reader.problems)
        InputFiles.check(
            "--init-noise", file: arguments.running.initialNoise, problems: &reader.problems)
        if let path = arguments.running.latentsOutput { checkWritable("--latents-out", path) }
    }

    private mutating func checkWritable(_ option: String, _ path: String) {
        do {
            try AtomicFile.checkWritable(path)
        } catch let error as any UserFacingError {
            reader.problems.add(option, error)
        } catch {
            reader.problems.add(option, path, "cannot be written")
        }
    }

    private mutating func generator(for request: GenerationRequest) -> (any ImageGenerator)? {
        let isHere = ["local", "fake"].contains(request.backend)
        for (option, isGiven) in [
            ("--base-url", arguments.model.backend.baseURL != nil),
            ("--webhook", arguments.running.webhook != nil),
            ("--no-wait", arguments.running.leavesAfterSubmitting),
        ] where isHere && isGiven {
            reader.problems.add(option, "", "only for remote backends, not for \(request.backend)")
        }
        do {
            return try context.backends.generator(
                named: request.backend, baseURL: arguments.model.backend.baseURL)
        } catch let error as InvalidArguments {
            reader.problems.add(error)
        } catch let error as any UserFacingError {
            reader.problems.add("--backend", error)
        } catch {
            reader.problems.add("--backend", request.backend, "cannot be used")
        }
        return nil
    }

    /// Asks the backend; where it fails, problems of the options are told before its error.
    private func describe(
        _ generator: any ImageGenerator, _ request: GenerationRequest
    ) async throws -> (GeneratorCapabilities, RequestDefaults) {
        do {
            return (
                try await generator.capabilities(for: request),
                try await generator.defaults(for: request)
            )
        } catch {
            try reader.problems.throwIfAny()
            throw error
        }
    }

    /// One path per file, where a file can be told.
    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// Checks every path of the plan.
    private mutating func checkPlan(id: String, seeds: [UInt64]) {
        if writesSheet { return }
        if arguments.output.path == nil { try? Folders.create(context.folders.images) }
        let plan = plan(id: id, seeds: seeds, &reader)
        if let latents = arguments.running.latentsOutput,
            plan.paths.contains(where: { Self.resolved($0) == Self.resolved(latents) })
        {
            reader.problems.add("--latents-out", latents, "the picture goes to the same path")
        }
        var checkedFolders: Set<String> = []
        for path in plan.paths {
            // One file per folder is enough, unless the file is there already or its name may be
            // too long.
            let url = URL(fileURLWithPath: path)
            guard
                checkedFolders.insert(url.deletingLastPathComponent().path).inserted
                    || url.lastPathComponent.utf8.count > 128
                    || FileManager.default.fileExists(atPath: path)
            else { continue }
            checkWritable("--output", path)
        }
    }
}
