package import CorralCache
import Synchronization

/// Decides when a dashboard is sent the status, and which events with it.
///
/// Events come in bursts, and a status is worth sending only so often: what happens
/// within ``restInterval`` is sent together, before one status. Nothing is made for a
/// client that does not read: the next status waits until the last one was written, and
/// meanwhile ``eventLimit`` events are kept at most.
package struct LiveFeed<C: Clock>: Sendable where C.Duration == Duration {
    private let events: AsyncStream<CacheEvent>
    private let clock: C

    package init(events: AsyncStream<CacheEvent>, clock: C) {
        self.events = events
        self.clock = clock
    }

    /// The time between two statuses at least.
    static var restInterval: Duration { .milliseconds(200) }

    /// The time between two statuses at most: no event tells the progress of loads and how long
    /// models have been idle.
    static var pulseInterval: Duration { .seconds(1) }

    /// How many events are kept for a slow reader: the newest ones.
    static var eventLimit: Int { 256 }

    /// Hands over the notable events since the last time, over and over, until the
    /// cache has ended, the task is cancelled, or `write` throws.
    @concurrent
    package func run(_ write: @concurrent ([CacheEvent]) async throws -> Void) async throws {
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

/// The notable events that happened since the last status was written.
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
