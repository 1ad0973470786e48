import Synchronization

/// Those who listen to events, each with a buffer of its own.
final class EventListeners: Sendable {
    private struct State {
        var continuations: [Int: AsyncStream<CacheEvent>.Continuation] = [:]
        var next = 0
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
            state.next += 1
            state.continuations[state.next] = continuation
            count.store(state.continuations.count, ordering: .relaxed)
            return state.next
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.remove(key) }
        return stream
    }

    /// A stream without elements that ends when the cache has.
    var ended: AsyncStream<CacheEvent> { add(bufferLimit: 1) }

    /// Tells whoever listens; makes no event where nobody does.
    func emit(_ makeEvent: @autoclosure () -> CacheEvent) {
        guard count.load(ordering: .relaxed) > 0 else { return }
        let event = makeEvent()
        let listening = state.withLock { Array($0.continuations.values) }
        for continuation in listening { continuation.yield(event) }
    }

    func finish() {
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
            count.store(state.continuations.count, ordering: .relaxed)
        }
    }
}
