package import CorralCache
import Synchronization

/// Remembers the last events a person would want to read of, so that a dashboard
/// that is opened later has a past to show.
package final class EventHistory: Sendable {
    /// How many events are remembered.
    static let limit = 200

    private let state = Mutex<[CacheEvent]>([])

    /// The events, the oldest first.
    package var events: [CacheEvent] { state.withLock { $0 } }

    package init() {}

    /// Remembers an event if it is notable.
    package func record(_ event: CacheEvent) {
        guard Self.isNotable(event) else { return }
        state.withLock { events in
            if let last = events.last, Self.isRepeated(event, after: last) { events.removeLast() }
            if events.count >= Self.limit { events.removeFirst(events.count - Self.limit + 1) }
            events.append(event)
        }
    }

    /// Whether an event is one more refusal like the one before it, so that a client that
    /// tries over and over does not push out all else.
    package static func isRepeated(_ event: CacheEvent, after last: CacheEvent) -> Bool {
        guard case .requestRefused(let error) = event.kind,
            case .requestRefused(let before) = last.kind
        else { return false }
        return event.model == last.model && error.code == before.code
    }

    /// Whether an event is about models coming and going, not about single requests.
    package static func isNotable(_ event: CacheEvent) -> Bool {
        switch event.kind {
        case .leaseGranted, .leaseReleased, .requestQueued, .measured, .limitChanged,
            .readAheadStarted:
            false
        case .requestRefused(let error): error.code != .cancelled
        default: true
        }
    }
}
