import CorralCache
import CorralMemory
import CorralTesting
import Testing

/// What a daemon changes and asks while its cache lives.
@Suite struct ManagementTests {
    private let clock = ManualClock()
    private let engine = FakeEngine { _ in .host(ByteCount(4)) }

    private func makeCache(
        configure: (inout CacheConfiguration) -> Void = { _ in }
    ) throws -> ModelCache<FakeEngine> {
        var configuration = CacheConfiguration()
        configuration.policy = LeastRecentlyUsed()
        configure(&configuration)
        return try ModelCache(
            engine: engine,
            host: ScriptedHost(limit: ByteCount(100)),
            memory: .share(0.1),
            configuration: configuration,
            clock: clock
        )
    }

    private func state(
        _ model: ModelID,
        in cache: ModelCache<FakeEngine>
    ) -> CacheStatistics.Model.State? {
        cache.statistics.models.first { $0.id == model }?.state
    }

    @Test func `a smaller budget lets those worth least leave, and is what is planned for`()
        async throws
    {
        let cache = try makeCache()
        try await cache.preload(.chat)
        clock.advance(by: .seconds(1))
        try await cache.preload(.embed)
        cache.setBudget(.bytes(ByteCount(5)))
        #expect(cache.statistics.budget == .host(ByteCount(5)))
        await engine.calls(atLeast: 3)
        #expect(engine.calls.last == .unload(.chat))
        let error = await #expect(throws: ModelCacheError.self) {
            try await cache.preload(
                .rerank,
                options: FakeEngine.Options(contextTokens: 8192)
            )
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.available == .host(ByteCount(5)))
        await cache.shutdown()
    }

    @Test func `a budget is a share of the memory that was read`() async throws {
        let cache = try makeCache()
        cache.setBudget(.share(0.4))
        #expect(cache.statistics.budget == .host(ByteCount(40)))
        #expect(cache.availableMemory(share: 0.5) == .host(ByteCount(50)))
        await cache.shutdown()
    }

    @Test func `a new default keep-alive lets idle models leave that nobody chose another for`()
        async throws
    {
        let cache = try makeCache()
        try await cache.preload(.chat)
        try await cache.preload(.embed, keepAlive: .idle(.seconds(900)))
        clock.advance(by: .seconds(10))
        cache.setDefaultKeepAlive(.idle(.seconds(5)))
        await engine.calls(atLeast: 3)
        #expect(engine.calls.last == .unload(.chat))
        #expect(state(.embed, in: cache) == .resident)
        #expect(cache.statistics.keepAlive == .idle(.seconds(5)))
        await cache.shutdown()
    }

    @Test func `evicting what is idle spares what is leased, pinned or was just used`()
        async throws
    {
        let cache = try makeCache { $0.keepAlive = .untilEvicted }
        cache.setBudget(.bytes(ByteCount(100)))
        let (idle, leased, pinned, fresh) = (
            ModelID.chat, ModelID.chatAsEmbed, ModelID.embed, ModelID.rerank
        )
        for model in [idle, pinned] { try await cache.preload(model) }
        let lease = try await cache.lease(leased)
        cache.pin(pinned)
        clock.advance(by: .seconds(60))
        try await cache.preload(fresh)
        #expect(cache.evictIdle(atLeast: .seconds(30)) == [idle])
        #expect(cache.evictIdle() == [fresh])
        cache.unpin(pinned)
        #expect(cache.evictIdle(atLeast: .seconds(30)) == [pinned])
        _ = consume lease
        await cache.shutdown()
    }

    @Test func `a context larger than the budget is refused and its model goes on serving`()
        async throws
    {
        let cache = try makeCache()
        try await cache.preload(.chat)
        let error = await #expect(throws: ModelCacheError.self) {
            try await cache.withModel(.chat, minimumContext: 16_384) { _ in }
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.needed == .host(ByteCount(16)))
        try await cache.withModel(.chat) { #expect(!$0.hasEnded) }
        #expect(engine.calls == [.load(.chat)])
        try await cache.withModel(.chat, minimumContext: 8192) { _ in }
        #expect(engine.calls == [.load(.chat), .unload(.chat), .load(.chat)])
        await cache.shutdown()
    }
}
