import CorralCache
import CorralMemory
import CorralTesting
import Testing

/// Hints, forecasts, decisions and what is learned, through the cache that people use.
@Suite struct PrefetchingTests {
    private let clock = ManualClock()
    private let host = ScriptedHost(limit: ByteCount(100))

    private func makeCache(
        _ engine: FakeEngine,
        configure: (inout CacheConfiguration) -> Void = { _ in }
    ) throws -> ModelCache<FakeEngine> {
        var configuration = CacheConfiguration()
        configuration.policy = LeastRecentlyUsed()
        configure(&configuration)
        return try ModelCache(
            engine: engine,
            host: host,
            memory: .share(0.1),
            configuration: configuration,
            clock: clock
        )
    }

    @Test func `a hinted model is there when it is asked for`() async throws {
        let engine = FakeEngine()
        let cache = try makeCache(engine)
        let outcomes = await cache.hint([.chat, .embed])
        #expect(outcomes.map(\.model) == [.chat, .embed])
        #expect(outcomes.allSatisfy { $0.result != .declined })
        await engine.calls(atLeast: 2)
        try await cache.withModel(.chat) { _ in }
        try await cache.withModel(.embed) { _ in }
        #expect(engine.calls == [.load(.chat), .load(.embed)])
        #expect(cache.statistics.totals.prefetchesUsed == 2)
        await cache.shutdown()
    }

    @Test func `a request abandons a load for a hint, which is made up for later`() async throws {
        let engine = FakeEngine { _ in .host(ByteCount(6)) }
        let cache = try makeCache(engine)
        engine.holdLoads()
        #expect(await cache.hint([.chat]).first?.result == .loading)
        await engine.calls(atLeast: 1)
        let request = Task { try await cache.withModel(.embed) { $0.id } }
        // Abandoned, its memory is free and the request's load begins.
        await engine.calls(atLeast: 3)
        #expect(engine.calls == [.load(.chat), .cancel(.chat), .load(.embed)])
        engine.letGo()
        #expect(try await request.value == .embed)
        await cache.shutdown()
    }

    @Test func `a file is read ahead where its model does not fit beside what is used`()
        async throws
    {
        let engine = FakeEngine { _ in .host(ByteCount(6)) }
        let cache = try makeCache(engine)
        let lease = try await cache.lease(.chat)
        #expect(await cache.hint([.embed]).first?.result == .reading)
        await engine.calls(atLeast: 2)
        #expect(engine.calls == [.load(.chat), .readAhead(.embed)])
        #expect(!lease.model.hasEnded)
        _ = consume lease
        await cache.shutdown()
    }

    @Test func `a shutdown does not wait for hints`() async throws {
        let engine = FakeEngine()
        let cache = try makeCache(engine)
        engine.holdLoads()
        await cache.hint([.chat, .embed])
        await engine.calls(atLeast: 1)
        async let shutdown: Void = cache.shutdown()
        engine.letGo()
        await shutdown
        #expect(cache.statistics.reserved == .zero)
    }

    @Test func `what if names the victims and loads nothing`() async throws {
        let engine = FakeEngine { _ in .host(ByteCount(6)) }
        let cache = try makeCache(engine)
        try await cache.preload(.chat)
        let forecast = try await cache.whatIf(load: .embed)
        #expect(forecast.outcome == .evicts)
        #expect(forecast.victims.map(\.model) == [.chat])
        #expect(forecast.contextTokens == 4096)
        #expect(engine.calls == [.load(.chat)])
        #expect(cache.decisions().isEmpty)
        await cache.shutdown()
    }

    @Test func `a decision tells what the victim's conversation was worth`() async throws {
        let engine = FakeEngine { _ in .host(ByteCount(6)) }
        let cache = try makeCache(engine)
        try await cache.preload(.chat)
        engine.setConversation(
            ConversationState(tokens: 5000, tokensPerSecond: 100),
            of: .chat
        )
        try await cache.preload(.embed)
        let decision = try #require(cache.decisions(about: .chat).last)
        #expect(decision.kind == .evicted)
        #expect(decision.model == .embed)
        let victim = try #require(decision.candidates.first)
        #expect(victim.fate == .evicted)
        #expect(victim.score.reloadSeconds >= 50)
        await cache.shutdown()
    }

    @Test func `a long conversation is kept, a model without one goes`() async throws {
        let engine = FakeEngine { _ in .host(ByteCount(5)) }
        let cache = try makeCache(engine) { $0.policy = ValueDensity() }
        try await cache.preload(.chat)
        try await cache.preload(.embed)
        engine.setConversation(
            ConversationState(tokens: 90_000, tokensPerSecond: 100),
            of: .chat
        )
        clock.advance(by: .seconds(60))
        try await cache.preload(.rerank)
        #expect(
            engine.calls.last { if case .unload = $0 { true } else { false } } == .unload(.embed)
        )
        await cache.shutdown()
    }

    @Test func `what was learned goes on in the next cache`() async throws {
        let engine = FakeEngine()
        engine.setStorage(ModelStorage(name: "/slow", cachedShare: 1), of: .chat)
        let cache = try makeCache(engine) { $0.policy = ValueDensity() }
        try await cache.preload(.chat)
        let learned = cache.learned
        await cache.shutdown()
        let next = try makeCache(FakeEngine()) {
            $0.policy = ValueDensity()
            $0.learned = learned
            $0.learnedAgo = .seconds(60)
        }
        // The one load it knows of is of one machine's storage, and of the model itself.
        let kept = try #require(next.learned.policy)
        #expect(kept.policy == "value")
        #expect(kept != ValueDensity().snapshot(at: .start))
        let forecast = try await next.whatIf(load: .chat)
        #expect(forecast.outcome == .fits)
        await next.shutdown()
    }

    @Test func `a conversation costs its tokens at the speed of prompts`() {
        #expect(ConversationState(tokens: 1000, tokensPerSecond: 200).seconds == 5)
        #expect(ConversationState(tokens: 1000).seconds == 0)
        #expect(ConversationState(tokens: -1, tokensPerSecond: 200).seconds == 0)
        #expect(ModelStorage(cachedShare: 0.8).isCached)
        #expect(!ModelStorage(cachedShare: 0.5).isCached)
        #expect(!ModelStorage().isCached)
    }
}
