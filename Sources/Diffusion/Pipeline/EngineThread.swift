import Foundation

/// Runs an actor's jobs on one thread of its own, so that minutes of arithmetic never occupy a
/// thread of the cooperative pool.
final class EngineThread: SerialExecutor {
    private let queue = JobQueue()

    /// Starts the thread.
    init(name: String) {
        let thread = Thread { [queue] in
            while let job = queue.next() { job() }
        }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit {
        queue.close()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.append { job.runSynchronously(on: executor) }
    }
}

/// Jobs in the order in which they came.
private final class JobQueue: @unchecked Sendable {
    // Unchecked: `jobs` and `isClosed` are only touched while `condition` is locked.

    private let condition = NSCondition()
    private var jobs: [@Sendable () -> Void] = []
    private var isClosed = false

    func append(_ job: @escaping @Sendable () -> Void) {
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    /// Waits for a job; nil once the queue is closed and empty.
    func next() -> (@Sendable () -> Void)? {
        condition.withLock {
            while jobs.isEmpty, !isClosed { condition.wait() }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }

    func close() {
        condition.withLock {
            isClosed = true
            condition.signal()
        }
    }
}
