import CorralCache
import CorralMemory
import CorralTesting
import Testing

/// The order in which things happen, whoever runs when.
@Suite(.timeLimit(.minutes(1))) struct EventOrderTests {
    private let clock = ManualClock()

    private func makeCache(
        _ engine: FakeEngine,
        configure: (inout CacheConfiguration) -> Void = { _ in }
    ) throws -> ModelCache<FakeEngine> {
        var configuration = CacheConfiguration()
        configure(&configuration)
        return try ModelCache(
            engine: engine,
            host: ScriptedHost(limit: ByteCount(100)),
            configuration: configuration,
            clock: clock
        )
    }

    @Test func `listeners hear events in the order in which they happened`() async throws {
        let cache = try makeCache(FakeEngine())
        let listeners = (0..<2).map { _ in cache.events(bufferLimit: 1_000_000) }
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<4000 {
                        cache.pin(.chat)
                        cache.unpin(.chat)
                    }
                }
            }
        }
        await cache.shutdown()
        for events in listeners {
            var isPinned = false
            var changes = 0
            var outOfOrder = 0
            for await event in events {
                guard case .pinChanged(let value) = event.kind else { continue }
                changes += 1
                if value == isPinned { outOfOrder += 1 }
                isPinned = value
            }
            #expect(changes > 1000)
            #expect(outOfOrder == 0, "a model is pinned only where it was not")
        }
    }

    @Test func `a listener hears nothing of what happened before it listened`() async throws {
        let cache = try makeCache(FakeEngine())
        let first = cache.events()
        cache.pin(.chat)
        let second = cache.events()
        cache.pin(.embed)
        await cache.shutdown()
        func models(_ events: AsyncStream<CacheEvent>) async -> [ModelID] {
            var models: [ModelID] = []
            for await event in events {
                if case .pinChanged = event.kind, let model = event.model { models.append(model) }
            }
            return models
        }
        #expect(await models(first) == [.chat, .embed])
        #expect(await models(second) == [.embed])
    }

    @Test func `a lease granted in a stay that crashed is none on the model loaded after it`()
        async throws
    {
        let engine = FakeEngine()
        let cache = try makeCache(engine)
        let loop = HeldExecutor()
        engine.holdLoads()
        let waiter = Task(executorPreference: loop) {
            try await cache.withModel(.chat) { model in
                // Lent for sure, it is not unloaded while it is used.
                cache.unload(.chat)
                return model.hasEnded
            }
        }
        await engine.calls(atLeast: 1)
        // The waiter has suspended; it is granted its lease while its thread does something else.
        loop.hold()
        let events = cache.events()
        engine.letGo()
        for await event in events {
            if case .leaseGranted = event.kind { break }
        }
        engine.crash(.chat)
        try await cache.preload(.chat)
        #expect(engine.calls == [.load(.chat), .load(.chat)])
        loop.letGo()
        let error = await #expect(throws: ModelCacheError.self) { try await waiter.value }
        #expect(error?.code == .modelExited)
        #expect(cache.statistics.models.first?.leases == 0)
        #expect(cache.statistics.models.first?.state == .resident)
        await cache.shutdown()
    }

    @Test func `only one alarm sleeps, however often a nearer one takes its place`() async throws {
        let cache = try makeCache(FakeEngine()) { $0.maximumWait = nil }
        // Each model is to leave sooner than those before it, and sets the alarm anew.
        for seconds in stride(from: 18, to: 10, by: -1) {
            let model = ModelID(path: "/\(seconds)", role: .chat)
            try await cache.preload(model, keepAlive: .idle(.seconds(seconds)))
            await clock.sleepers { $0.first == .seconds(seconds) }
        }
        await clock.sleepers { $0 == [.seconds(11)] }
        #expect(cache.statistics.models.count == 8)
        await cache.shutdown()
    }
}
