import CTerminal
import Foundation
import Screen

/// What runs on the terminal thread. Nothing of it leaves that thread.
final class CursesLoop {
    private let options: CursesOptions
    private let wakeUp: WakePipe
    private let signals: WakePipe
    private let output: AsyncStream<TerminalEvent>.Continuation
    private let terminal: CursesTerminal
    private var decoder: KeyDecoder
    private var screen: CursesScreen
    private var isOpen = true
    private var hasInput = true
    private var isSuspended = false
    private var cellPixels: Size?
    /// Jobs that wait, most often for the end of a part of a picture.
    private var backlog: [CursesTerminal.PendingJob] = []
    /// Who wants to know when no picture is on its way any more.
    private var drains: [CheckedContinuation<Void, Never>] = []
    /// When something was typed last.
    private var typedAt: ContinuousClock.Instant?
    /// Pictures wait until then: somebody is typing on a slow connection.
    private var picturesFrom = ContinuousClock.now

    /// How long a picture that made way waits: the frame after next may be on its way.
    private static let typingPause = Duration.milliseconds(15)
    /// Frames that come this soon after a key may be its answer. Which one it is cannot be told: one
    /// that shows something else may have been under way when the key came.
    private static let answerTime = Duration.milliseconds(100)

    /// Opens curses, tells `started`, and works until the terminal is closed.
    static func run(
        _ entry: String, _ options: CursesOptions, wakeUp: WakePipe, signals: WakePipe,
        started: CheckedContinuation<CursesTerminal, any Error>
    ) {
        lt_signals_to(signals.writeEnd)
        lt_arm_crash_restore()
        guard lt_open(entry, options.maximumDepth == .monochrome ? 0 : 1) == 0 else {
            lt_signals_default()
            started.resume(throwing: TerminalUnavailable.unknownType(options.term))
            return
        }
        let depth = min(ColorDepth(colors: Int(lt_colors())), options.maximumDepth)
        let (stream, output) = AsyncStream.makeStream(of: TerminalEvent.self)
        let terminal = CursesTerminal(colorDepth: depth, events: stream, wakeUp: wakeUp)
        let loop = CursesLoop(options, terminal, depth, (wakeUp, signals), output)
        started.resume(returning: terminal)
        loop.work()
    }

    private init(
        _ options: CursesOptions, _ terminal: CursesTerminal, _ depth: ColorDepth,
        _ pipes: (wakeUp: WakePipe, signals: WakePipe),
        _ output: AsyncStream<TerminalEvent>.Continuation
    ) {
        self.options = options
        self.terminal = terminal
        self.output = output
        (wakeUp, signals) = pipes
        decoder = KeyDecoder(extraKeys: TerminfoKeys.sequences())
        screen = CursesScreen(depth: depth, synchronizes: options.synchronizesOutput)
        cellPixels = options.cellPixels
        reportSize(isFirst: true)
        send(decoder.feed(options.typed))
    }

    private func work() {
        while isOpen {
            let pictures = pictureWait
            var watched = [
                pollfd(fd: wakeUp.readEnd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasInput && !isSuspended ? 0 : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pictures == 0 ? 1 : -1, events: Int16(POLLOUT), revents: 0),
            ]
            let escape = decoder.isWaiting ? Int32(options.escapeDelay) : nil
            let timeouts: [Int32] = [escape, pictures].compactMap { $0 }.filter { $0 > 0 }
            let timeout: Int32 = timeouts.min() ?? -1
            let ready = poll(&watched, nfds_t(watched.count), timeout)
            if ready < 0, errno != EINTR { break }
            if ready == 0, timeout == escape { send(decoder.flush()) }
            if watched[2].revents != 0 { readInput() }
            if watched[1].revents != 0 { handleSignals() }
            if watched[0].revents != 0 {
                _ = wakeUp.drain()
                backlog += terminal.takeJobs()
            }
            doJobs()
            if isOpen, watched[3].revents != 0 {
                screen.sendPiece()
                // What waited for the end of a picture's part.
                if !screen.isInsidePart { doJobs() }
            }
            if !screen.isSending { endDrains() }
        }
        endDrains()
        for pending in backlog + terminal.takeJobs() { pending.waiter.resume() }
        output.finish()
    }

    /// Milliseconds until pictures may be written, 0 for at once; nil: there are none.
    private var pictureWait: Int32? {
        guard screen.isSending, !isSuspended else { return nil }
        if screen.isInsidePart { return 0 }
        let wait = picturesFrom - .now
        return wait <= .zero ? 0 : Int32((wait / Duration.milliseconds(1)).rounded(.up))
    }

    private func endDrains() {
        for waiter in drains { waiter.resume() }
        drains = []
    }

    private func send(_ events: [TerminalEvent]) {
        for event in events { output.yield(event) }
    }

    private func readInput() {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(0, &bytes, bytes.count)
        if count > 0 {
            typedAt = .now
            send(decoder.feed(bytes[..<count]))
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            hasInput = false
            output.yield(.hungUp)
        }
    }

    private func handleSignals() {
        var numbers = signals.drain().map(Int32.init)
        // A storm of resizes is one resize.
        if let last = numbers.lastIndex(of: SIGWINCH) {
            numbers = numbers.enumerated().filter { $0.element != SIGWINCH || $0.offset == last }
                .map(\.element)
        }
        for number in numbers {
            switch number {
            case SIGWINCH: reportSize(isFirst: false)
            // While another program has the terminal, Ctrl-C is meant for it.
            case SIGINT where isSuspended: break
            case SIGTERM, SIGINT: output.yield(.terminated)
            case SIGHUP: output.yield(.hungUp)
            case SIGTSTP: stop()
            case SIGCONT: takeBack()
            default: break
            }
        }
    }

    private func reportSize(isFirst: Bool) {
        let window = lt_window_size()
        let size = Size(width: Int(window.columns), height: Int(window.rows))
        if !isFirst {
            lt_resize(window.rows, window.columns)
            screen.forget()
        }
        let kernel = Size(width: Int(window.cell_width), height: Int(window.cell_height))
        // The kernel's figure follows a change of font; the probe's stays what it was.
        if kernel.width > 1, kernel.height > 1, options.cellPixels == nil || !isFirst {
            cellPixels = kernel
        }
        output.yield(.resized(size, cellPixels: cellPixels))
    }

    /// Carries out the jobs that can be carried out now, in order.
    private func doJobs() {
        while let pending = backlog.first, isOpen, makeWay(for: pending.job) {
            backlog.removeFirst()
            switch pending.job {
            case .present(let frame, let graphics): screen.present(frame, graphics)
            case .copy(let text): screen.copy(text)
            case .drain:
                drains.append(pending.waiter)
                continue
            case .invalidate:
                lt_repaint_all()
                screen.forget()
            case .suspend:
                screen.stopSending()
                lt_suspend()
                isSuspended = true
            case .resume:
                isSuspended = false
                takeBack()
            case .stop: stop()
            case .close: close()
            }
            pending.waiter.resume()
        }
    }

    /// Whether a job can be carried out: text does not go into the middle of a picture. For what a
    /// person typed the picture is cut off; what changes by itself waits for the picture.
    private func makeWay(for job: CursesTerminal.Job) -> Bool {
        switch job {
        case .present, .copy, .invalidate:
            let isAnswer = typedAt.map { .now - $0 < Self.answerTime } ?? false
            if isAnswer, screen.isSending { picturesFrom = .now + Self.typingPause }
            return !screen.isInsidePart || isAnswer && screen.makeWay()
        case .drain, .suspend, .resume, .stop, .close: return true
        }
    }

    private func stop() {
        screen.removePictures()
        lt_suspend()
        lt_stop()
        takeBack()
    }

    private func takeBack() {
        guard isOpen, !isSuspended else { return }
        screen.stopSending()
        lt_resume()
        screen.forget()
        reportSize(isFirst: false)
        output.yield(.resumed)
    }

    private func close() {
        screen.removePictures()
        lt_close()
        lt_signals_default()
        isOpen = false
    }
}
