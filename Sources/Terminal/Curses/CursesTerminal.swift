import CTerminal
import Foundation
import Screen
import Synchronization

/// The real terminal, driven through ncurses.
///
/// One dedicated thread owns curses: it waits for input, signals and jobs at once, decodes keys
/// and shows frames. Everybody else hands it jobs. Input is read and decoded here rather than by
/// curses, because pastes, mouse reports, Alt keys and late answers of the terminal need more than
/// `get_wch` tells; curses does the output.
public final class CursesTerminal: TerminalDevice {
    /// Work for the terminal thread.
    enum Job: Sendable {
        case present(Frame, [PlacedGraphic])
        case copy(String)
        case drain, invalidate, suspend, resume, stop, close
    }

    /// What waits for the thread. `waiter` is resumed when the job is done.
    struct PendingJob: Sendable {
        let job: Job
        let waiter: CheckedContinuation<Void, Never>
    }

    private struct Mailbox {
        var jobs: [PendingJob] = []
        var isClosed = false
    }

    public let events: AsyncStream<TerminalEvent>
    /// The colours that the terminal shows.
    public let colorDepth: ColorDepth
    private let mailbox = Mutex(Mailbox())
    private let wakeUp: WakePipe

    /// Takes over the terminal on standard input and output.
    ///
    /// - Throws: ``TerminalUnavailable``, or an error of the system when no pipe can be made.
    public static func open(_ options: CursesOptions) async throws -> CursesTerminal {
        guard isatty(0) == 1, isatty(1) == 1 else { throw TerminalUnavailable.notATerminal }
        guard let entry = options.entries.first(where: { lt_knows_terminal($0) == 1 }) else {
            throw TerminalUnavailable.unknownType(options.term)
        }
        let wakeUp = try WakePipe()
        let signals = try WakePipe()
        return try await withCheckedThrowingContinuation { started in
            let thread = Thread {
                CursesLoop.run(entry, options, wakeUp: wakeUp, signals: signals, started: started)
            }
            thread.name = "terminal"
            thread.stackSize = 1 << 21
            thread.start()
        }
    }

    init(colorDepth: ColorDepth, events: AsyncStream<TerminalEvent>, wakeUp: WakePipe) {
        self.colorDepth = colorDepth
        self.events = events
        self.wakeUp = wakeUp
    }

    public nonisolated(nonsending) func present(
        _ frame: Frame, graphics: [PlacedGraphic]
    ) async {
        await perform(.present(frame, graphics))
    }

    public func drained() async { await perform(.drain) }
    public func copy(_ text: String) async { await perform(.copy(text)) }
    public func invalidate() async { await perform(.invalidate) }
    public func suspend() async { await perform(.suspend) }
    public func resume() async { await perform(.resume) }
    public func stop() async { await perform(.stop) }
    public func close() async { await perform(.close) }

    /// Hands a job to the terminal thread and waits until it is done.
    private nonisolated(nonsending) func perform(_ job: Job) async {
        await withCheckedContinuation { waiter in
            let isAccepted = mailbox.withLock { mailbox in
                guard !mailbox.isClosed else { return false }
                mailbox.jobs.append(PendingJob(job: job, waiter: waiter))
                if case .close = job { mailbox.isClosed = true }
                return true
            }
            if isAccepted {
                wakeUp.write()
            } else {
                waiter.resume()
            }
        }
    }

    /// The jobs that arrived since the last call. Called by the terminal thread.
    func takeJobs() -> [PendingJob] {
        mailbox.withLock { mailbox in
            defer { mailbox.jobs = [] }
            return mailbox.jobs
        }
    }
}
