import Synchronization

/// A value that arrives once and then stays, however many wait for it.
final class OneShot<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Value?, Never>] = [:]
        /// Waits that were cancelled before they began.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// The value, if it is there.
    var current: Value? { state.withLock { $0.value } }

    /// Delivers the value; a second delivery changes nothing.
    func fulfil(_ value: Value) {
        let waiting = state.withLock { state in
            guard state.value == nil else { return [CheckedContinuation<Value?, Never>]() }
            state.value = value
            defer { state.waiting = [:] }
            return state.waiting.keys.sorted().compactMap { state.waiting[$0] }
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    /// Waits for the value, cancelled or not: for what must have ended before memory is free.
    func value() async -> Value {
        while true {
            let value = await withCheckedContinuation { enroll($0, as: nil) }
            if let value { return value }
        }
    }

    /// Waits for the value; `nil` when the task is cancelled first.
    func valueUnlessCancelled() async -> Value? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { enroll($0, as: id) }
        } onCancel: {
            let waiting = state.withLock { state in
                let waiting = state.waiting.removeValue(forKey: id)
                if waiting == nil { state.cancelled.insert(id) }
                return waiting
            }
            waiting?.resume(returning: nil)
        }
    }

    private func enroll(_ continuation: CheckedContinuation<Value?, Never>, as id: Int?) {
        let (isAnswered, answer) = state.withLock { state -> (Bool, Value?) in
            let wasCancelled = id.map { state.cancelled.remove($0) != nil } ?? false
            if let value = state.value { return (true, value) }
            if wasCancelled { return (true, nil) }
            if id == nil { state.nextID += 1 }
            state.waiting[id ?? state.nextID] = continuation
            return (false, nil)
        }
        if isAnswered { continuation.resume(returning: answer) }
    }
}
