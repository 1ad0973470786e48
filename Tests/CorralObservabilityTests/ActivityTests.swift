import CorralCache
import CorralMemory
import CorralTesting
import Logging
import Synchronization
import Testing

@testable import CorralObservability

/// The history and the log of the cache's events, and when a dashboard is told of them.
@Suite(.timeLimit(.minutes(1))) struct ActivityTests {
    private static let chat = ModelID(path: "/models/tiny/chat.gguf", role: .chat)
    private static let embed = ModelID(path: "/models/tiny/embed.gguf", role: .embed)

    private let report = StatusReport(
        ModelNames([(Self.chat, "tiny-chat"), (Self.embed, "tiny-embed")], isRoute: { _ in false })
    )

    private func event(_ kind: CacheEvent.Kind, at seconds: Int = 0) -> CacheEvent {
        CacheEvent(
            time: CacheInstant(sinceStart: .seconds(seconds)),
            model: Self.chat,
            kind: kind
        )
    }

    @Test func `the history keeps the newest, and only what is worth reading`() {
        let history = EventHistory()
        for number in 0..<EventHistory.limit + 7 {
            history.record(event(.pinChanged(true), at: number))
            history.record(event(.leaseGranted(hit: true, waited: .zero), at: number))
            history.record(event(.leaseReleased(held: .zero), at: number))
        }
        #expect(history.events.count == EventHistory.limit)
        #expect(history.events.first?.time.sinceStart == .seconds(7))
        #expect(history.events.allSatisfy { $0.kind == .pinChanged(true) })
    }

    @Test func `a client that is refused over and over takes one line of the history`() {
        let history = EventHistory()
        history.record(event(.pinChanged(true)))
        for number in 0..<EventHistory.limit {
            let error = ModelCacheError(.tooLarge, message: "no")
            history.record(event(.requestRefused(error), at: number))
        }
        history.record(event(.requestRefused(ModelCacheError(.queueFull, message: "no"))))
        #expect(history.events.count == 3)
        #expect(history.events[0].kind == .pinChanged(true))
        #expect(history.events[1].time.sinceStart == .seconds(EventHistory.limit - 1))
    }

    @Test func `an eviction is logged with its reason, for which model, and no path`() throws {
        let log = RecordedLog(level: .info)
        let reason = UnloadReason.evicted(
            for: Self.embed,
            because: "least value for /models/tiny/chat.gguf"
        )
        EventLog(logger: log.logger).write(event(.unloadStarted(reason)), report)
        let line = try #require(log.lines.first)
        #expect(line.message == "Unloading" && line.level == .info)
        #expect(line.metadata["model"] == "tiny-chat" && line.metadata["role"] == "chat")
        #expect(line.metadata["reason"] == "space")
        #expect(line.metadata["because"] == "least value for tiny-chat")
        #expect(line.metadata["for.model"] == "tiny-embed")
    }

    @Test func `a load is logged with its time as a number, a failure as a warning`() {
        let log = RecordedLog(level: .info)
        let writer = EventLog(logger: log.logger)
        writer.write(event(.loadFinished(took: .milliseconds(1500), measured: nil)), report)
        writer.write(event(.loadFailed(message: "no room", retryAfter: .seconds(1))), report)
        writer.write(event(.leaseGranted(hit: true, waited: .zero)), report)
        #expect(log.lines.map(\.level) == [.info, .warning])
        guard case .stringConvertible(let seconds)? = log.lines[0].metadata["took_seconds"] else {
            Issue.record("the time is no number")
            return
        }
        #expect(seconds as? Double == 1.5)
    }

    @Test func `a burst is told at once, and a reader that is slow loses the oldest`() async throws
    {
        let clock = ManualClock()
        let (events, continuation) = AsyncStream<CacheEvent>.makeStream()
        let feed = LiveFeed(events: events, clock: clock)
        let limit = LiveFeed<ManualClock>.eventLimit
        for number in 0..<limit + 5 {
            continuation.yield(event(.pinChanged(true), at: number))
            continuation.yield(event(.leaseReleased(held: .zero), at: number))
        }
        continuation.finish()
        let told = Collected()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await feed.run { told.append($0) } }
            // The pulse and the rest after each write sleep; each time both do, time goes on.
            for _ in 0..<limit where told.events.last?.time.sinceStart != .seconds(limit + 4) {
                await clock.sleepers(atLeast: 2)
                clock.advance(by: LiveFeed<ManualClock>.restInterval)
            }
            group.cancelAll()
        }
        #expect(told.events.allSatisfy { $0.kind == .pinChanged(true) })
        #expect(told.events.last?.time.sinceStart == .seconds(limit + 4))
        #expect(told.writes < limit)
    }
}

/// What a feed was told to write.
private final class Collected: Sendable {
    private let state = Mutex<(events: [CacheEvent], writes: Int)>(([], 0))
    var events: [CacheEvent] { state.withLock { $0.events } }
    var writes: Int { state.withLock { $0.writes } }
    func append(_ events: [CacheEvent]) {
        state.withLock { state in
            state.events += events
            state.writes += 1
        }
    }
}
