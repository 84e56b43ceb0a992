import Foundation

/// Runs an actor's jobs on one thread of its own, so that minutes of arithmetic never occupy a
/// thread of the cooperative pool.
final class EngineThread: SerialExecutor, @unchecked Sendable {
    // Unchecked: `jobs` and `isStopping` are only touched while `condition` is locked.

    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var isStopping = false

    /// Starts the thread.
    init(name: String) {
        let thread = Thread { [condition, weak self] in
            Self.run(condition: condition) { self }
        }
        thread.name = name
        // Networks with many levels recurse only through blocks; the default of a secondary
        // thread would be enough, this leaves room for debug builds.
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit {
        condition.lock()
        isStopping = true
        condition.broadcast()
        condition.unlock()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        jobs.append(job)
        condition.signal()
        condition.unlock()
    }
}
