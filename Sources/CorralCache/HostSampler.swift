import CorralMemory
import Dispatch
import Logging
import Synchronization

/// Keeps the host's memory as a value, and reads it anew on a thread of its own.
///
/// A reading may take a dozen files, or a program that answers in seconds, so nobody who asks for
/// a model reads: a decision waits for a reading that began after it was asked for, suspended, and
/// everything else looks at the last one. Nothing is read while nothing is decided.
final class HostSampler: Sendable {
    /// A reading that was asked for; see ``wait(for:)``.
    struct Ticket: Sendable {
        fileprivate var number: UInt64
    }

    private struct State {
        var memory: HostMemory
        /// The number of the last reading that began, and of the last that ended.
        var begun: UInt64 = 0
        var ended: UInt64 = 0
        /// Whether the reading after the last that began is on its way to the thread.
        var isScheduled = false
        var waiting: [(number: UInt64, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let reader: any HostMemoryReader
    private let logger: Logger?
    private let report: @Sendable (HostMemory) -> Void
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "corral.host-memory")

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - reader: Reads the host's memory; may block.
    ///   - first: What was read already.
    ///   - logger: Where a reading that failed is reported.
    ///   - report: Told of every reading, on the sampler's thread, in the order of the readings.
    init(
        _ reader: any HostMemoryReader,
        first: HostMemory,
        logger: Logger?,
        report: @escaping @Sendable (HostMemory) -> Void
    ) {
        self.reader = reader
        self.logger = logger
        self.report = report
        state = Mutex(State(memory: first))
    }

    /// What was read last.
    var memory: HostMemory { state.withLock(\.memory) }

    /// Has the memory read, without waiting for it; those who ask before a reading begins share it.
    @discardableResult
    func begin() -> Ticket {
        let (number, isNew) = state.withLock { state in
            defer { state.isScheduled = true }
            return (state.begun + 1, !state.isScheduled)
        }
        if isNew { queue.async { self.read() } }
        return Ticket(number: number)
    }

    /// Suspends until a reading has ended and was reported.
    func wait(for ticket: Ticket) async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.ended >= ticket.number { return true }
                state.waiting.append((ticket.number, continuation))
                return false
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Suspends until the memory was read anew, from now on.
    func refresh() async { await wait(for: begin()) }

    private func read() {
        let number = state.withLock { state in
            state.isScheduled = false
            state.begun += 1
            return state.begun
        }
        do {
            let memory = try reader.read()
            state.withLock { $0.memory = memory }
            report(memory)
        } catch {
            // A failed reading changes nothing.
            logger?.warning("Host memory could not be read", metadata: ["error": "\(error)"])
        }
        let served = state.withLock { state in
            state.ended = number
            defer { state.waiting.removeAll { $0.number <= number } }
            return state.waiting.filter { $0.number <= number }
        }
        for waiter in served { waiter.continuation.resume() }
    }
}
