import CorralCache
import Synchronization

/// What a dashboard lives on: when to tell the status, and which events to tell with it.
///
/// Events come in bursts, and a status is worth sending only so often: what happens
/// within ``restInterval`` is told at once, by one status. Nothing is made for a
/// client that does not read: the writer waits for it, and meanwhile ``eventLimit``
/// events are kept at most.
struct LiveFeed<C: Clock>: Sendable where C.Duration == Duration {
    let events: AsyncStream<CacheEvent>
    let clock: C

    /// The time between two statuses at least.
    static var restInterval: Duration { .milliseconds(200) }

    /// The time between two statuses at most: progress of loads and idle times are
    /// no events.
    static var pulseInterval: Duration { .seconds(1) }

    /// The events that are kept for a slow reader; of more, the newest.
    static var eventLimit: Int { 256 }

    /// Hands over the notable events since the last time, over and over, until the
    /// cache has ended, the task is cancelled, or `write` throws.
    @concurrent
    func run(_ write: @concurrent ([CacheEvent]) async throws -> Void) async throws {
        let (signals, signal) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let kept = KeptEvents(limit: Self.eventLimit)
        let (events, clock) = (events, clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                for await event in events {
                    kept.append(event)
                    signal.yield()
                }
                signal.finish()
            }
            group.addTask {
                while true {
                    signal.yield()
                    try await clock.sleep(for: Self.pulseInterval)
                }
            }
            for await _ in signals {
                try await write(kept.take())
                try await clock.sleep(for: Self.restInterval)
            }
        }
    }
}

/// Events between those who tell and the one who writes.
private final class KeptEvents: Sendable {
    private let limit: Int
    private let events = Mutex<[CacheEvent]>([])

    init(limit: Int) {
        self.limit = limit
    }

    func append(_ event: CacheEvent) {
        guard EventHistory.isNotable(event) else { return }
        events.withLock { events in
            if let last = events.last, EventHistory.isRepeated(event, after: last) {
                events.removeLast()
            }
            if events.count >= limit { events.removeFirst() }
            events.append(event)
        }
    }

    func take() -> [CacheEvent] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}
