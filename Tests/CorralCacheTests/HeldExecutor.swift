import Dispatch
import Synchronization

/// One thread, as an event loop is, whose jobs can be held back.
final class HeldExecutor: TaskExecutor {
    private struct State {
        var isHolding = false
        var held: [UnownedJob] = []
    }

    private let queue = DispatchQueue(label: "test.held")
    private let state = Mutex(State())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isHeld = state.withLock { state in
            if state.isHolding { state.held.append(job) }
            return state.isHolding
        }
        if !isHeld { run(job) }
    }

    private func run(_ job: UnownedJob) {
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Holds back what is to be run from now on, once what runs has suspended.
    func hold() {
        queue.sync { state.withLock { $0.isHolding = true } }
    }

    /// Runs what was held back, and all that follows.
    func letGo() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for job in held { run(job) }
    }
}
