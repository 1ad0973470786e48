internal import Dispatch

/// A thread for work that blocks: reading files, waiting for commands.
///
/// Work is done one piece after the other, in the order it came. Neither an event loop nor Swift's
/// own threads ever wait for it.
package struct BlockingThread: Sendable {
    private let queue: DispatchQueue

    /// Creates a thread; it runs only while there is work.
    ///
    /// - Parameter name: What a debugger calls it.
    package init(_ name: String) { queue = DispatchQueue(label: name) }

    /// Has work done, and goes on at once.
    package func start(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    /// Has work done, and suspends until it is.
    ///
    /// - Parameter work: What is done; it is not abandoned when the caller is cancelled.
    /// - Returns: What the work returned.
    /// - Throws: What the work threw.
    package func run<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
