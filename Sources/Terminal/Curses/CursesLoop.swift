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

    /// Opens curses, tells `started`, and works until the terminal is closed.
    static func run(
        _ entry: String, _ options: CursesOptions, wakeUp: WakePipe, signals: WakePipe,
        started: CheckedContinuation<CursesTerminal, any Error>
    ) {
        lt_arm_crash_restore()
        lt_signals_to(signals.writeEnd)
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
            var watched = [
                pollfd(fd: wakeUp.readEnd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasInput && !isSuspended ? 0 : -1, events: Int16(POLLIN), revents: 0),
            ]
            let timeout = decoder.isWaiting ? Int32(options.escapeDelay) : -1
            let ready = poll(&watched, nfds_t(watched.count), timeout)
            if ready < 0, errno != EINTR { break }
            if ready == 0 { send(decoder.flush()) }
            if watched[2].revents != 0 { readInput() }
            if watched[1].revents != 0 { handleSignals() }
            if watched[0].revents != 0 { doJobs() }
        }
        output.finish()
    }

    private func send(_ events: [TerminalEvent]) {
        for event in events { output.yield(event) }
    }

    private func readInput() {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(0, &bytes, bytes.count)
        if count > 0 {
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

    private func doJobs() {
        _ = wakeUp.drain()
        for pending in terminal.takeJobs() {
            switch pending.job {
            case .present(let frame, let graphics): screen.present(frame, graphics)
            case .copy(let text): screen.copy(text)
            case .invalidate:
                lt_repaint_all()
                screen.forget()
            case .suspend:
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

    private func stop() {
        screen.removePictures()
        lt_suspend()
        lt_stop()
        takeBack()
    }

    private func takeBack() {
        guard isOpen, !isSuspended else { return }
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
