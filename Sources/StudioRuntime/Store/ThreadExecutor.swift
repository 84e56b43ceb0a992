import Foundation
import Synchronization

/// Runs an actor on a thread of its own, so that an engine that fills the shared pool of threads
/// cannot delay the screen.
final class ThreadExecutor: SerialExecutor {
    private struct Pending {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let pending = Mutex(Pending())
    private let wakeUp = DispatchSemaphore(value: 0)

    init(name: String) {
        let thread = Thread { [self] in work() }
        thread.name = name
        thread.stackSize = 1 << 22
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pending.withLock { $0.jobs.append(job) }
        wakeUp.signal()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Lets the thread end once nothing waits for it.
    func stop() {
        pending.withLock { $0.isStopped = true }
        wakeUp.signal()
    }

    private func work() {
        while true {
            wakeUp.wait()
            let (jobs, isStopped) = pending.withLock { pending in
                defer { pending.jobs = [] }
                return (pending.jobs, pending.isStopped)
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if isStopped, jobs.isEmpty { return }
        }
    }
}
