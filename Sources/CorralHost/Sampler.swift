internal import Synchronization

/// The last reading of something that is slow to read, kept as a value.
///
/// Whoever looks at ``latest`` gets what was read last and never waits for a reading. Readings are
/// made on a thread of the sampler's own, one at a time however many ask.
package final class Sampler<Value: Sendable>: Sendable {
    fileprivate typealias Waiter = CheckedContinuation<Value, Never>

    fileprivate struct State {
        var latest: Value
        var isReading = false
        var lastNumber = 0
        /// Those who asked before the reading under way began, by number.
        var current: [Int: Waiter] = [:]
        /// Those who asked since: what the reading under way has seen may be older than their
        /// question.
        var next: [Int: Waiter] = [:]
        /// Those who were cancelled before they waited.
        var cancelled: Set<Int> = []
    }

    private let thread: BlockingThread
    private let read: @Sendable (Value) -> Value
    private let state: Mutex<State>

    /// Creates a sampler; nothing is read before somebody asks.
    ///
    /// - Parameters:
    ///   - name: What a debugger calls its thread.
    ///   - initial: The value before the first reading.
    ///   - read: Reads the value anew, given the one before; it may block.
    package init(
        _ name: String,
        initial: Value,
        read: @escaping @Sendable (Value) -> Value
    ) {
        thread = BlockingThread(name)
        self.read = read
        state = Mutex(State(latest: initial))
    }

    /// The value that was read last.
    package var latest: Value { state.withLock { $0.latest } }

    /// How many callers wait for a reading that has not begun.
    var waiting: Int { state.withLock { $0.next.count } }

    /// Reads anew, and suspends until that is done.
    ///
    /// - Returns: The value of a reading that began after this was called; where the caller was
    ///   cancelled meanwhile, the last there is.
    @discardableResult
    package func refresh() async -> Value {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { enroll(number, $0) }
        } onCancel: {
            let (waiter, latest) = state.withLock { ($0.withdraw(number), $0.latest) }
            waiter?.resume(returning: latest)
        }
    }

    private func enroll(_ number: Int, _ waiter: Waiter) {
        let (isCancelled, starts, latest) = state.withLock { state in
            if state.cancelled.remove(number) != nil { return (true, false, state.latest) }
            state.next[number] = waiter
            return (false, state.startReading(), state.latest)
        }
        if isCancelled { waiter.resume(returning: latest) }
        if starts { thread.start { self.work() } }
    }

    /// Reads, on the sampler's thread, until nobody waits for a later reading.
    private func work() {
        while true {
            let value = read(latest)
            let (waiters, goesOn) = state.withLock { state in
                let waiters = state.current
                state.latest = value
                state.isReading = false
                state.current = [:]
                return (waiters.values, !state.next.isEmpty && state.startReading())
            }
            for waiter in waiters { waiter.resume(returning: value) }
            if !goesOn { return }
        }
    }
}

extension Sampler.State {
    /// Begins a reading for all who wait, unless one is under way.
    ///
    /// - Returns: Whether the caller has to see to the reading.
    fileprivate mutating func startReading() -> Bool {
        guard !isReading else { return false }
        isReading = true
        (current, next) = (next, [:])
        return true
    }

    /// Takes a waiter out, or notes that it is not to begin to wait.
    fileprivate mutating func withdraw(_ number: Int) -> Sampler.Waiter? {
        if let waiter = current.removeValue(forKey: number) ?? next.removeValue(forKey: number) {
            return waiter
        }
        cancelled.insert(number)
        return nil
    }
}

extension Sampler {
    /// Reads again and again until the task is cancelled.
    ///
    /// The pause after a reading is nineteen times as long as the reading took, and an interval at
    /// least: a disk that is slow, or a network's, is busy with this for a twentieth of the time at
    /// most.
    ///
    /// - Parameters:
    ///   - interval: The shortest pause.
    ///   - clock: What pauses are measured on.
    ///   - body: Called with each value read.
    package func run(
        every interval: Duration,
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: (Value) -> Void = { _ in }
    ) async {
        let time = Self.reading(clock)
        var pause = interval
        while (try? await clock.sleep(for: pause)) != nil {
            let start = time()
            body(await refresh())
            pause = max(interval, (time() - start) * 19)
        }
    }

    private static func reading<C: Clock>(_ clock: C) -> @Sendable () -> Duration
    where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
