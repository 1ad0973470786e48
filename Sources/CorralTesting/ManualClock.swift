import Synchronization

/// A clock that moves only when told to, so that no test sleeps.
public final class ManualClock: Clock {
    /// A moment on the clock.
    public struct Instant: InstantProtocol {
        var offset: Duration

        /// The instant `duration` later.
        public func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        /// The time from this instant to `other`.
        public func duration(to other: Instant) -> Duration {
            other.offset - offset
        }

        /// Orders by time.
        public static func < (lhs: Instant, rhs: Instant) -> Bool {
            lhs.offset < rhs.offset
        }
    }

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        var isSatisfied: @Sendable ([Duration]) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var watchers: [Watcher] = []

        /// Until when they sleep, the nearest first.
        var deadlines: [Duration] { sleepers.values.map(\.deadline.offset).sorted() }

        /// Those that have what they waited for.
        mutating func satisfied() -> [Watcher] {
            guard !watchers.isEmpty else { return [] }
            let deadlines = deadlines
            defer { watchers.removeAll { $0.isSatisfied(deadlines) } }
            return watchers.filter { $0.isSatisfied(deadlines) }
        }
    }

    private let state = Mutex(State())

    /// Creates a clock at zero.
    public init() {}

    /// The time it was last moved to.
    public var now: Instant { state.withLock { $0.now } }

    /// Zero: any difference counts.
    public var minimumResolution: Duration { .zero }

    /// Suspends until the clock is moved to `deadline` or past it.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enroll(id, Sleeper(deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            let (sleeper, watching) = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return (sleeper, state.satisfied())
            }
            sleeper?.continuation.resume(throwing: CancellationError())
            for watcher in watching { watcher.continuation.resume() }
        }
    }

    private func enroll(_ id: Int, _ sleeper: Sleeper) {
        let (isCancelled, isDue, watching) = state.withLock { state in
            if state.cancelled.remove(id) != nil { return (true, false, [Watcher]()) }
            if state.now >= sleeper.deadline { return (false, true, [Watcher]()) }
            state.sleepers[id] = sleeper
            return (false, false, state.satisfied())
        }
        if isCancelled { sleeper.continuation.resume(throwing: CancellationError()) }
        if isDue { sleeper.continuation.resume() }
        for watcher in watching { watcher.continuation.resume() }
    }

    /// Suspends until at least `count` tasks sleep on this clock.
    public func sleepers(atLeast count: Int = 1) async {
        await sleepers { $0.count >= count }
    }

    /// Suspends until those who sleep on this clock are as they should be.
    ///
    /// - Parameter isSatisfied: Is told until when each sleeps, by the time since the clock was
    ///   created, the nearest first.
    public func sleepers(
        where isSatisfied: @escaping @Sendable (_ deadlines: [Duration]) -> Bool
    ) async {
        await withCheckedContinuation { continuation in
            let isSatisfied = state.withLock { state in
                if isSatisfied(state.deadlines) { return true }
                state.watchers.append(
                    Watcher(isSatisfied: isSatisfied, continuation: continuation)
                )
                return false
            }
            if isSatisfied { continuation.resume() }
        }
    }

    /// Moves the clock and wakes whoever is due, earliest first.
    public func advance(by duration: Duration) {
        let (due, watching) = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let now = state.now
            let ids = state.sleepers.filter { $0.value.deadline <= now }
                .sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
                .map(\.key)
            let due = ids.compactMap { state.sleepers.removeValue(forKey: $0) }
            return (due, state.satisfied())
        }
        for sleeper in due { sleeper.continuation.resume() }
        for watcher in watching { watcher.continuation.resume() }
    }
}
