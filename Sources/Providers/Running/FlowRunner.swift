import Foundation
import Generation
import Images

/// Runs one flow: performs its commands side by side, feeds what comes back into it one by one.
actor FlowRunner {
    /// What holds for the job beside its flow.
    struct Rules: Sendable {
        /// The service, in messages.
        var name: String
        var deadline: Duration
        var leavesWhenAccepted: Bool
        var canResume: Bool
        /// How long a service may take to hear that a job was stopped.
        var goodbye: Duration = .seconds(5)
    }

    private var flow: any RemoteFlow
    private let caller: RemoteCaller
    private let mailbox: Mailbox
    private let rules: Rules
    private let credential: Credential?
    private let report: @Sendable (GenerationEvent) -> Void

    /// Calls under way: which attempt holds the name, its work, and whether stopping spares it.
    private var calls: [CallID: (sender: Int, task: Task<Void, Never>, outlivesCancel: Bool)] = [:]
    private var sockets: [CallID: any WebSocketConnection] = [:]
    private var lastSender = 0
    private var pictures = 0
    private var credits: Double?
    private var acceptedTask: String?
    private var isDone = false
    private let start = ContinuousClock.now

    init(
        flow: any RemoteFlow, caller: RemoteCaller, mailbox: Mailbox, rules: Rules,
        credential: Credential?, report: @escaping @Sendable (GenerationEvent) -> Void
    ) {
        self.flow = flow
        self.caller = caller
        self.mailbox = mailbox
        self.rules = rules
        self.credential = credential
        self.report = report
    }

    /// Runs to the end.
    ///
    /// - Throws: what the flow throws, in printable words without the key; `CancellationError`.
    func run(resuming taskID: String?) async throws {
        let clock = Task { [mailbox, rules] in
            try await Task.sleep(for: rules.deadline)
            mailbox.send(.deadline)
        }
        defer {
            clock.cancel()
            stopEverything()
        }
        do {
            // Stopped before anything was sent: nobody has to be told.
            guard !mailbox.isCancelled else { throw CancellationError() }
            // It was accepted then, and has to be found again if this attempt ends early too.
            if let taskID { try accept(taskID) }
            try advance(taskID.map { .resume(taskID: $0) } ?? .start)
            for await letter in mailbox.letters where !isDone {
                try await open(letter)
                if isDone { break }
            }
        } catch {
            throw redacted(error)
        }
    }

    private func open(_ letter: Mailbox.Letter) async throws {
        if let sender = letter.sender {
            guard let call = calls.first(where: { $0.value.sender == sender }) else { return }
            if case .ended = letter.content { calls[call.key] = nil }
        }
        switch letter.content {
        case .event(let event): try advance(event)
        case .ended: break
        case .fatal(let error): throw error
        case .warning(let text): warn(text)
        case .cancel:
            await sayGoodbye()
            throw CancellationError()
        case .deadline: throw deadlineError
        }
    }

    private func advance(_ event: FlowEvent) throws {
        for command in try flow.handle(event) {
            try perform(command)
            if isDone { return }
        }
    }

    private func perform(_ command: FlowCommand) throws {
        switch command {
        case .send(let call):
            begin(call.id, outlivesCancel: call.outlivesCancel) { [self] in
                try await send(call, from: $0)
            }
        case .stream(let call): begin(call.id) { [self] in try await stream(call, from: $0) }
        case .socket(let call): begin(call.id) { [self] in try await socket(call, from: $0) }
        case .wait(let id, let duration):
            begin(id) { [mailbox] sender in
                try await Task.sleep(for: duration)
                mailbox.send(.event(.timer(id)), from: sender)
            }
        case .stop(let id): stop(id)
        case .report(let news): try tell(news)
        case .finish: finish()
        case .fail(let error): throw error
        }
    }

    // MARK: Calls

    private func begin(
        _ id: CallID, outlivesCancel: Bool = false,
        _ work: @escaping @Sendable (Int) async throws -> Void
    ) {
        stop(id)
        lastSender += 1
        let sender = lastSender
        let task = Task { [mailbox] in
            do {
                try await work(sender)
            } catch is CancellationError {
                // It was stopped; nobody waits for it.
            } catch {
                mailbox.send(.fatal(error), from: sender)
            }
            mailbox.send(.ended, from: sender)
        }
        calls[id] = (sender, task, outlivesCancel)
    }

    private func stop(_ id: CallID) {
        calls.removeValue(forKey: id)?.task.cancel()
        if let socket = sockets.removeValue(forKey: id) { Task { await socket.close() } }
    }

    private func stopEverything() {
        for id in Array(calls.keys) { stop(id) }
    }

    private nonisolated func send(_ call: RemoteCall, from sender: Int) async throws {
        let result = try await caller.send(call) { [mailbox] in
            mailbox.send(.warning($0), from: sender)
        }
        switch result {
        case .success(let response):
            mailbox.send(.event(.response(call.id, response)), from: sender)
        case .failure(let error): mailbox.send(.event(.failure(call.id, error)), from: sender)
        }
    }

    private nonisolated func stream(_ call: RemoteCall, from sender: Int) async throws {
        let result = try await caller.stream(call) { [mailbox] in
            mailbox.send(.warning($0), from: sender)
        }
        switch result {
        case .failure(let error): mailbox.send(.event(.failure(call.id, error)), from: sender)
        case .success(let opened):
            guard let exchange = opened.exchange else {
                return mailbox.send(.event(.response(call.id, opened.head)), from: sender)
            }
            mailbox.send(.event(.streamOpened(call.id, opened.head)), from: sender)
            do {
                for try await piece in exchange.body {
                    mailbox.send(.event(.data(call.id, piece)), from: sender)
                }
                try Task.checkCancellation()
                mailbox.send(.event(.ended(call.id)), from: sender)
            } catch let error as TransportError {
                mailbox.send(.event(.failure(call.id, error)), from: sender)
            }
        }
    }

    private func socket(_ call: RemoteCall, from sender: Int) async throws {
        switch try await caller.socket(call) {
        case .failure(let error): mailbox.send(.event(.failure(call.id, error)), from: sender)
        case .success(let connection):
            guard calls[call.id]?.sender == sender else { return await connection.close() }
            sockets[call.id] = connection
            mailbox.send(.event(.socketOpened(call.id)), from: sender)
            do {
                for try await message in connection.messages {
                    mailbox.send(.event(.message(call.id, message)), from: sender)
                }
                try Task.checkCancellation()
                mailbox.send(.event(.ended(call.id)), from: sender)
            } catch let error as TransportError {
                mailbox.send(.event(.failure(call.id, error)), from: sender)
            }
        }
    }

    // MARK: News

    private func tell(_ news: RemoteReport) throws {
        switch news {
        case .stage(let stage): report(.stage(stage))
        case .warning(let text): warn(text)
        case .accepted(let taskID):
            if acceptedTask != taskID { try accept(taskID) }
            if rules.leavesWhenAccepted { finish() }
        case .preview(let index, let step, let bytes):
            // A look that cannot be read is no reason to stop.
            guard let image = try? PixelImage(decoding: bytes) else { return }
            report(.preview(PreviewImage(index: index, step: step, image: image)))
        case .picture(let picture):
            let image = try PixelImage(decoding: picture.bytes)
            pictures += 1
            report(
                .image(
                    GeneratedImage(
                        index: picture.index, seed: picture.seed, image: image,
                        isFlagged: picture.isFlagged)))
        case .credits(let number): credits = number
        }
    }

    private func accept(_ taskID: String) throws {
        guard taskID.utf8.count <= 500, printable(taskID) == taskID,
            credential?.appears(in: taskID) != true
        else { throw RemoteError(.malformed, "The service named a task that cannot be") }
        acceptedTask = taskID
        report(.accepted(taskID: taskID))
    }

    private func warn(_ text: String) {
        report(.warning(printable(credential?.redacting(text) ?? text)))
    }

    private func finish() {
        isDone = true
        guard !rules.leavesWhenAccepted || pictures > 0 else { return }
        report(.stage(.finished))
        var summary = GenerationSummary()
        let time = (ContinuousClock.now - start).components
        summary.timing.total = Double(time.seconds) + Double(time.attoseconds) * 1e-18
        summary.remainingCredits = credits
        report(.finished(summary))
    }

    // MARK: Ends

    /// Tells the service that the job was stopped, and waits a little until it knows.
    private func sayGoodbye() async {
        for (id, call) in calls where !call.outlivesCancel { stop(id) }
        let clock = Task { [mailbox, rules] in
            try await Task.sleep(for: rules.goodbye)
            mailbox.send(.deadline)
        }
        defer { clock.cancel() }
        do {
            try advance(.cancel)
            guard !calls.isEmpty else { return }
            for await letter in mailbox.letters {
                if case .cancel = letter.content { continue }
                try await open(letter)
                if calls.isEmpty || isDone { return }
            }
        } catch {
            // It was stopped for the person; whether the service took notice is not for them.
        }
    }

    private var deadlineError: RemoteError {
        let seconds = rules.deadline.components.seconds
        return RemoteError(
            .timedOut, "\(rules.name) was not done after \(seconds) s",
            hint: "raise the backend's timeout; the work may be billed all the same",
            mayBeBilled: true)
    }

    private func redacted(_ error: any Error) -> any Error {
        guard var known = error as? RemoteError else { return error }
        if acceptedTask != nil, rules.canResume { known = known.ofKeptTask }
        guard let credential else { return known }
        var safe = known
        safe.summary = credential.redacting(known.summary)
        safe.hint = known.hint.map { credential.redacting($0) }
        return safe
    }
}
