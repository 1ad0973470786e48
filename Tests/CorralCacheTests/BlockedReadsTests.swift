import CorralCache
import CorralMemory
import CorralTesting
import Dispatch
import Synchronization
import Testing

/// Files and figures that do not come: who needs none of them goes on.
@Suite(.timeLimit(.minutes(1))) struct BlockedReadsTests {
    /// Lets pass until it is closed; who comes then is held until it is opened.
    private final class Gate: Sendable {
        private struct State {
            var isClosed = false
            var isHeld = false
            var watchers: [CheckedContinuation<Void, Never>] = []
        }

        private let state = Mutex(State())
        private let opened = DispatchSemaphore(value: 0)

        func close() { state.withLock { $0.isClosed = true } }

        func open() {
            state.withLock { $0.isClosed = false }
            opened.signal()
        }

        /// Blocks the thread while the gate is closed.
        func pass() {
            let (isClosed, watchers) = state.withLock { state in
                guard state.isClosed else { return (false, state.watchers) }
                state.isHeld = true
                defer { state.watchers = [] }
                return (true, state.watchers)
            }
            for watcher in watchers { watcher.resume() }
            guard isClosed else { return }
            opened.wait()
            opened.signal()
        }

        /// Suspends until somebody is held.
        func isHolding() async {
            await withCheckedContinuation { continuation in
                let isHeld = state.withLock { state in
                    if !state.isHeld { state.watchers.append(continuation) }
                    return state.isHeld
                }
                if isHeld { continuation.resume() }
            }
        }
    }

    private struct GatedHost: HostMemoryReader {
        let gate: Gate

        func read() -> HostMemory {
            gate.pass()
            let domain = HostMemory.Domain(limit: ByteCount(100), available: ByteCount(100))
            return HostMemory(domains: [.host: domain])
        }
    }

    /// Plans by looking at a file that may be slow to come.
    private struct GatedEngine: ModelEngine {
        let base = FakeEngine()
        let gate: Gate

        func defaultOptions(for model: ModelID) -> FakeEngine.Options { FakeEngine.Options() }

        func plan(
            _ model: ModelID,
            options: FakeEngine.Options,
            minimumContext: Int,
            limits: DomainBytes
        ) async throws -> FakeEngine.Plan {
            gate.pass()
            return try await base.plan(
                model,
                options: options,
                minimumContext: minimumContext,
                limits: limits
            )
        }

        func load(
            _ model: ModelID,
            plan: FakeEngine.Plan,
            events: EngineEvents
        ) async throws -> FakeModel {
            try await base.load(model, plan: plan, events: events)
        }

        func unload(_ model: FakeModel) async { await base.unload(model) }

        func measure(_ model: FakeModel) async -> MeasuredMemory? { await base.measure(model) }
    }

    /// Leases and gives back two resident models a hundred times, while a third waits for a read.
    private func hitsGoOn(
        _ cache: ModelCache<some ModelEngine>,
        while gate: Gate
    ) async throws {
        try await cache.preload(.chat)
        try await cache.preload(.embed)
        gate.close()
        async let miss: Void = cache.preload(.rerank)
        await gate.isHolding()
        for _ in 0..<100 {
            try await cache.withModel(.chat) { _ in }
            try await cache.withModel(.embed) { _ in }
        }
        let statistics = cache.statistics
        #expect(statistics.totals.hits == 200)
        #expect(statistics.models.allSatisfy { $0.leases == 0 })
        #expect(statistics.totals.loads == 2, "the third model is still waited for")
        gate.open()
        try await miss
        #expect(cache.statistics.totals.loads == 3)
        await cache.shutdown()
    }

    @Test func `hits on an event loop go on while the host's memory cannot be read`() async throws {
        let gate = Gate()
        let cache = try ModelCache(engine: FakeEngine(), host: GatedHost(gate: gate))
        try await withTaskExecutorPreference(HeldExecutor()) {
            try await hitsGoOn(cache, while: gate)
        }
    }

    @Test func `hits on an event loop go on while a model's file cannot be read`() async throws {
        let gate = Gate()
        let cache = try ModelCache(
            engine: GatedEngine(gate: gate),
            host: ScriptedHost(limit: ByteCount(100))
        )
        try await withTaskExecutorPreference(HeldExecutor()) {
            try await hitsGoOn(cache, while: gate)
        }
    }

    @Test func `plans that wait for a disk take no thread that hits run on`() async throws {
        let gate = Gate()
        let cache = try ModelCache(
            engine: GatedEngine(gate: gate),
            host: ScriptedHost(limit: ByteCount(100))
        )
        try await cache.preload(.chat)
        gate.close()
        try await withThrowingTaskGroup { group in
            // More than any machine has cores.
            for index in 0..<512 {
                group.addTask { _ = try await cache.plan(ModelID(path: "/\(index)", role: .chat)) }
            }
            await gate.isHolding()
            for _ in 0..<100 { try await cache.withModel(.chat) { _ in } }
            #expect(cache.statistics.totals.hits == 100)
            gate.open()
            try await group.waitForAll()
        }
        await cache.shutdown()
    }

    @Test func `a crash is told at once though the host's memory cannot be read`() async throws {
        let gate = Gate()
        let engine = FakeEngine()
        let cache = try ModelCache(engine: engine, host: GatedHost(gate: gate))
        try await cache.preload(.chat)
        gate.close()
        engine.crash(.chat)
        #expect(cache.statistics.totals.exits == 1)
        #expect(cache.statistics.reserved == .zero)
        gate.open()
        await cache.shutdown()
    }

    @Test func `a decision waits for what the host can spare now, not for what it could`()
        async throws
    {
        let host = ScriptedHost(limit: ByteCount(100))
        let cache = try ModelCache(engine: FakeEngine { _ in .host(ByteCount(30)) }, host: host)
        try await cache.preload(.chat)
        host.setAvailable(ByteCount(20))
        let error = await #expect(throws: ModelCacheError.self) {
            try await cache.preload(.rerank, options: FakeEngine.Options(contextTokens: 8192))
        }
        #expect(error?.code == .insufficientMemory)
        #expect(error?.available == .host(ByteCount(50)), "twenty, and thirty that are its own")
        host.setAvailable(ByteCount(70))
        try await cache.preload(.embed)
        await cache.shutdown()
    }

    private final class CountingHost: HostMemoryReader {
        private let count = Atomic<Int>(0)

        var reads: Int { count.load(ordering: .relaxed) }

        func read() -> HostMemory {
            count.add(1, ordering: .relaxed)
            let domain = HostMemory.Domain(limit: ByteCount(100), available: ByteCount(100))
            return HostMemory(domains: [.host: domain])
        }
    }

    @Test func `nothing is read for hits, figures and settings, nor while time goes by`()
        async throws
    {
        let clock = ManualClock()
        let host = CountingHost()
        let cache = try ModelCache(engine: FakeEngine(), host: host, clock: clock)
        try await cache.preload(.chat)
        let reads = host.reads
        for _ in 0..<100 { try await cache.withModel(.chat) { _ in } }
        clock.advance(by: .seconds(60))
        _ = cache.statistics
        _ = cache.availableMemory()
        cache.setBudget(.share(0.5))
        #expect(host.reads == reads)
        await cache.shutdown()
    }

    @Test func `requests that come together share one reading`() async throws {
        let host = CountingHost()
        let gate = Gate()
        let engine = GatedEngine(gate: gate)
        let cache = try ModelCache(engine: engine, host: host)
        gate.close()
        let before = host.reads
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask { try? await cache.preload(.chat) }
            }
            await gate.isHolding()
            gate.open()
        }
        // One for each load and unload, and far fewer than one for each request.
        #expect(host.reads - before < 50)
        await cache.shutdown()
    }
}
