import Synchronization

/// Those who listen to events, each with a buffer of its own.
///
/// Events are put in order under the cache's lock (``enqueue(_:)``) and handed out after it is
/// dropped (``deliver()``), by one thread at a time: every listener hears them in the order in
/// which they happened.
final class EventListeners: Sendable {
    fileprivate struct Pending {
        var event: CacheEvent
        /// The last listener who was there when it happened.
        var lastListener: Int
    }

    fileprivate struct State {
        var continuations: [Int: AsyncStream<CacheEvent>.Continuation] = [:]
        var lastListener = 0
        var pending: [Pending] = []
        var isDelivering = false
        var isFinished = false
    }

    private let state = Mutex(State())
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
            state.pending.append(Pending(event: event, lastListener: state.lastListener))
        }
    }

    /// Hands out what was put in order, or leaves it to the thread that does so already.
    func deliver() {
        guard count.load(ordering: .relaxed) > 0 else { return }
        guard state.withLock({ $0.beginDelivery() }) else { return }
        while let (pending, listening) = state.withLock({ $0.takePending() }) {
            for pending in pending {
                for (key, continuation) in listening where key <= pending.lastListener {
                    continuation.yield(pending.event)
                }
            }
        }
        if state.withLock(\.isFinished) { endAll() }
    }

    /// Ends every stream, once all events are handed out.
    func finish() {
        let isDelivering = state.withLock { state in
            state.isFinished = true
            return state.isDelivering
        }
        // Who delivers now ends the streams after that.
        guard !isDelivering else { return }
        deliver()
        endAll()
    }

    private func endAll() {
        let listening = state.withLock { state -> [AsyncStream<CacheEvent>.Continuation] in
            guard state.pending.isEmpty, !state.isDelivering else { return [] }
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

extension EventListeners.State {
    /// Whether this thread is the one that delivers from now on.
    fileprivate mutating func beginDelivery() -> Bool {
        guard !isDelivering else { return false }
        isDelivering = true
        return true
    }

    /// What is to be handed out, and to whom; `nil` ends the delivery.
    fileprivate mutating func takePending() -> (
        [EventListeners.Pending], [Int: AsyncStream<CacheEvent>.Continuation]
    )? {
        guard !pending.isEmpty else {
            isDelivering = false
            return nil
        }
        defer { pending = [] }
        return (pending, continuations)
    }
}
