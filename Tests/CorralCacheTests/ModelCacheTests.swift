import CorralCache
import CorralMemory
import CorralTesting
import Testing

@Suite struct ModelCacheTests {
    private let clock = ManualClock()
    private let host = ScriptedHost(limit: ByteCount(100))

    private func makeCache(
        _ engine: FakeEngine,
        configure: (inout CacheConfiguration) -> Void = { _ in }
    ) throws -> ModelCache<FakeEngine> {
        var configuration = CacheConfiguration()
        configure(&configuration)
        return try ModelCache(
            engine: engine,
            host: host,
            memory: .share(0.1),
            configuration: configuration,
            clock: clock
        )
    }

    @Test func `a model is loaded once for all who ask at the same time`() async throws {
        let engine = FakeEngine()
        let cache = try makeCache(engine)
        engine.holdLoads()
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask { try await cache.withModel(.chat) { #expect(!$0.hasEnded) } }
            }
            await engine.calls(atLeast: 1)
            engine.letGo()
            try await group.waitForAll()
        }
        #expect(engine.calls == [.load(.chat)])
        #expect(cache.statistics.totals.loads == 1)
        #expect(cache.statistics.totals.leasesGranted == 20)
        await cache.shutdown()
    }

    @Test func `cancelling the only waiter abandons the load`() async throws {
        let engine = FakeEngine()
        let cache = try makeCache(engine)
        engine.holdLoads()
        let waiter = Task { try await cache.withModel(.chat) { _ in } }
        await engine.calls(atLeast: 1)
        waiter.cancel()
        await #expect(throws: ModelCacheError.self) { try await waiter.value }
        await engine.calls(atLeast: 2)
        #expect(engine.calls == [.load(.chat), .cancel(.chat)])
        await cache.shutdown()
        #expect(cache.statistics.reserved == .zero)
    }

    @Test func `a load error says what the engine said`() async throws {
        let engine = FakeEngine()
        let cache = try makeCache(engine)
        engine.failNextLoad(of: .chat, with: "unknown architecture 'x'")
        let error = await #expect(throws: ModelCacheError.self) {
            try await cache.preload(.chat)
        }
        #expect(error?.code == .loadFailed)
        #expect(error?.message.contains("unknown architecture 'x'") == true)
        await cache.shutdown()
    }

    @Test func `a crash under a lease is followed by a fresh load`() async throws {
        let engine = FakeEngine()
        let cache = try makeCache(engine)
        let lease = try await cache.lease(.chat)
        engine.crash(.chat)
        #expect(lease.model.hasEnded)
        #expect(cache.statistics.reserved == .zero)
        try await cache.withModel(.chat) { #expect(!$0.hasEnded) }
        #expect(cache.statistics.totals.exits == 1)
        _ = consume lease
        await cache.shutdown()
    }

    @Test func `a lease is given back when its closure dies unrun`() async throws {
        let cache = try makeCache(FakeEngine())
        var body: (@Sendable () -> Bool)?
        do {
            let lease = try await cache.lease(.chat)
            body = { lease.model.hasEnded }
        }
        #expect(body?() == false)
        #expect(cache.statistics.models.first?.leases == 1)
        body = nil
        #expect(cache.statistics.models.first?.leases == 0)
        await cache.shutdown()
    }

    @Test func `an idle model leaves when the clock says so`() async throws {
        let engine = FakeEngine()
        let cache = try makeCache(engine) { $0.keepAlive = .idle(.seconds(60)) }
        try await cache.preload(.chat)
        await clock.sleepers()
        clock.advance(by: .seconds(61))
        await engine.calls(atLeast: 2)
        #expect(engine.calls.last == .unload(.chat))
        await cache.shutdown()
    }

    @Test func `a model leaves to make room and its memory is free first`() async throws {
        let engine = FakeEngine { _ in .host(ByteCount(6)) }
        let cache = try makeCache(engine)
        try await cache.preload(.chat)
        engine.holdUnloads()
        async let second: Void = cache.preload(.embed)
        await engine.calls(atLeast: 2)
        #expect(engine.calls == [.load(.chat), .unload(.chat)])
        engine.letGo()
        try await second
        #expect(engine.calls == [.load(.chat), .unload(.chat), .load(.embed)])
        await cache.shutdown()
    }

    @Test func `events tell a load and its release`() async throws {
        let cache = try makeCache(FakeEngine())
        let events = cache.events()
        try await cache.preload(.chat)
        await cache.shutdown()
        var kinds: [String] = []
        for await event in events {
            switch event.kind {
            case .requestQueued: kinds.append("queued")
            case .loadStarted: kinds.append("load")
            case .loadFinished: kinds.append("loaded")
            case .leaseGranted(let hit, _): kinds.append(hit ? "hit" : "granted")
            case .leaseReleased: kinds.append("released")
            case .unloadFinished: kinds.append("unloaded")
            default: break
            }
        }
        #expect(kinds == ["queued", "load", "loaded", "granted", "released", "unloaded"])
    }

    @Test func `what a model is measured to hold is in the statistics`() async throws {
        let engine = FakeEngine { _ in .host(ByteCount(2)) }
        let measured = MeasuredMemory(exclusive: .host(ByteCount(3)), fileBacked: ByteCount(9))
        engine.setMeasurement(measured, of: .chat)
        let cache = try makeCache(engine)
        try await cache.preload(.chat)
        let model = try #require(cache.statistics.models.first)
        #expect(model.measured == measured)
        #expect(model.planned == .host(ByteCount(2)))
        #expect(model.reserved == .host(ByteCount(3)))
        await cache.shutdown()
    }

    @Test func `unloading a path unloads all its roles`() async throws {
        let cache = try makeCache(FakeEngine())
        try await cache.preload(.chat)
        try await cache.preload(.chatAsEmbed)
        try await cache.preload(.embed)
        #expect(cache.unload(path: ModelID.chat.path) == [.chat, .chatAsEmbed])
        #expect(cache.unloadAll() == [.embed])
        await cache.shutdown()
    }

    @Test func `a shutdown with a lease that is not given back ends after its grace`() async throws
    {
        let cache = try makeCache(FakeEngine())
        let lease = try await cache.lease(.chat)
        async let shutdown: Void = cache.shutdown(grace: .seconds(30))
        // One sleeps on the alarm of the request that waited, one on the grace.
        await clock.sleepers(atLeast: 2)
        clock.advance(by: .seconds(31))
        await shutdown
        #expect(lease.model.hasEnded)
    }

    @Test func `a shutdown ends early when the last lease is given back`() async throws {
        let cache = try makeCache(FakeEngine())
        let lease = try await cache.lease(.chat)
        async let shutdown: Void = cache.shutdown(grace: .seconds(30))
        await clock.sleepers(atLeast: 2)
        _ = consume lease
        await shutdown
    }

    @Test func `a dropped cache unloads its models`() async throws {
        let engine = FakeEngine()
        do {
            let cache = try makeCache(engine)
            try await cache.preload(.chat)
        }
        await engine.calls(atLeast: 2)
        #expect(engine.calls.last == .unload(.chat))
    }

    @Test(arguments: 0..<20)
    func `leases raced against cancellation are neither lost nor leaked`(seed: UInt64) async throws
    {
        let engine = FakeEngine { _ in .host(ByteCount(6)) }
        let cache = try makeCache(engine)
        await withTaskGroup { group in
            for index in 0..<64 {
                group.addTask {
                    var random = SeededGenerator(seed: seed << 16 | UInt64(index))
                    let model: ModelID = Bool.random(using: &random) ? .chat : .embed
                    let pause = Int.random(in: 0..<30, using: &random)
                    let task = Task { try await cache.withModel(model) { _ in await Task.yield() } }
                    if Bool.random(using: &random) {
                        for _ in 0..<pause { await Task.yield() }
                        task.cancel()
                    }
                    _ = await task.result
                }
            }
        }
        let statistics = cache.statistics
        #expect(statistics.waiting == 0, "seed \(seed)")
        #expect(statistics.models.allSatisfy { $0.leases == 0 }, "seed \(seed)")
        await cache.shutdown()
    }
}
