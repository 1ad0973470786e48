import Dispatch
import Synchronization

/// Runs what may wait for a disk, on a few threads of its own.
///
/// An event loop carries other people's tokens, and the cooperative pool has a thread for each
/// core: neither may wait for a file. With several threads, a disk that hangs does not hold up the
/// models on another.
package final class BlockingExecutor: TaskExecutor {
    private let threads: [DispatchQueue]
    /// How many jobs each thread has to run.
    private let jobs: Mutex<[Int]>

    /// Creates the threads; they run only while there is work.
    ///
    /// - Parameters:
    ///   - label: What a debugger calls them.
    ///   - count: How many there are.
    package init(label: String, threads count: Int = 4) {
        threads = (0..<count).map { DispatchQueue(label: "\(label).\($0)") }
        jobs = Mutex(Array(repeating: 0, count: count))
    }

    /// Runs a job on the thread that has least to do.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let thread = jobs.withLock { jobs in
            let thread = jobs.indices.min { jobs[$0] < jobs[$1] } ?? 0
            jobs[thread] += 1
            return thread
        }
        threads[thread].async {
            // The job was handed to this executor to be run once, here.
            unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
            self.jobs.withLock { $0[thread] -= 1 }
        }
    }

    /// Runs `body` on one of the threads.
    ///
    /// A preference alone changes nothing before the next suspension, since functions run where
    /// their caller does: only a function that is concurrent by declaration is begun on the
    /// executor that is preferred.
    package func run<Value: Sendable, Failure>(
        _ body: @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(self) { () async throws(Failure) -> Value in
            try await Self.begin(body)
        }
    }

    @concurrent
    private static func begin<Value: Sendable, Failure>(
        _ body: @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await body()
    }
}
