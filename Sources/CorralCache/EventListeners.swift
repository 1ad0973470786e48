import Synchronization

/// Those who listen to events, each with a buffer of its own.
///
/// Events are put in order under the cache's lock (``enqueue(_:)``) and handed out after that is
/// dropped (``deliver()``), by one thread at a time: every listener hears them in the order in
/// which they happened.
final class EventListeners: Sendable {
    private struct State {
        var continuations: [Int: AsyncStream<CacheEvent>.Continuation] = [:]
        var lastListener = 0
        /// The events that are still to be handed out, each with the last listener who was there
        /// when it happened.
        var pending: [(event: CacheEvent, lastListener: Int)] = []
        var isFinished = false
    }

    private let state = Mutex(State())
    /// Held by the thread that hands events out; handing out never blocks.
    private let delivery = Mutex<Void>(())
    /// Read on every hit, so that nobody listening costs no lock.
    private let count = Atomic<Int>(0)

    func add(bufferLimit: Int) -> AsyncStream<CacheEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: CacheEvent.self,
            bufferingPolicy: .bufferingNewest(bufferLimit)
        )
        let key = state.withLock { state -> Int? in
            guard !state.isFinished else { return nil }
            state.lastListener += 1
            state.continuations[state.lastListener] = continuation
            count.store(state.continuations.count, ordering: .relaxed)
            return state.lastListener
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.remove(key) }
        return stream
    }

    /// A stream that ends when the cache has.
    var ended: AsyncStream<CacheEvent> { add(bufferLimit: 1) }

    /// Puts an event behind those before it, to be called under the cache's lock; makes none where
    /// nobody listens.
    func enqueue(_ makeEvent: @autoclosure () -> CacheEvent) {
        guard count.load(ordering: .relaxed) > 0 else { return }
        let event = makeEvent()
        state.withLock { state in
            guard !state.continuations.isEmpty else { return }
            state.pending.append((event, state.lastListener))
        }
    }

    /// Hands out the events that were put in order so far.
    func deliver() {
        guard count.load(ordering: .relaxed) > 0 else { return }
        delivery.withLock { _ in
            let (pending, listening) = state.withLock { state in
                defer { state.pending = [] }
                return (state.pending, state.continuations)
            }
            for (event, lastListener) in pending {
                for (key, continuation) in listening where key <= lastListener {
                    continuation.yield(event)
                }
            }
        }
    }

    /// Hands out what is left, and ends every stream.
    func finish() {
        deliver()
        let listening = state.withLock { state in
            state.isFinished = true
            defer { state.continuations = [:] }
            count.store(0, ordering: .relaxed)
            return Array(state.continuations.values)
        }
        for continuation in listening { continuation.finish() }
    }

    private func remove(_ key: Int) {
        state.withLock { state in
            state.continuations[key] = nil
            if state.continuations.isEmpty { state.pending = [] }
            count.store(state.continuations.count, ordering: .relaxed)
        }
    }
}
