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

    /// Runs `body` on the threads, whatever thread asks.
    ///
    /// It is a child task: one that runs with the preference for another executor, such as an event
    /// loop's, is not moved by a preference of its own (Swift 6.3.1), while a child begins on the
    /// executor that it was given.
    ///
    /// - Throws: What `body` throws.
    package func run<Value: Sendable, Failure>(
        _ body: @escaping @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withTaskGroup(of: Result<Value, Failure>.self) { group in
            group.addTask(executorPreference: self) {
                do throws(Failure) { return .success(try await body()) } catch {
                    return .failure(error)
                }
            }
            return await group.next()
        }
        guard let result else { preconditionFailure("a task ended without a result") }
        return try result.get()
    }
}
