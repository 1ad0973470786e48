import Dispatch
import NIOCore

/// Runs work that may read files or wait for a lock: on threads of its own, for an event loop would
/// hold up the streams of other clients, and the cooperative pool would be short of a thread.
final class BlockingExecutor: TaskExecutor {
    static let shared = BlockingExecutor()

    private let queue = DispatchQueue(label: "corral.blocking", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
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
