import CorralCache
import NIOCore

extension BlockingExecutor {
    /// Runs what requests ask for that may read files or wait for a lock.
    static let requests = BlockingExecutor(label: "corral.requests")
}

/// Runs what is done for one connection on the connection's own event loop.
///
/// A token then passes from the model's socket to the client's in one thread: no other has to wake
/// up for it, on a machine whose cores are all computing the next one.
final class ConnectionExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
