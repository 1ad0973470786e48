import CorralCache
import CorralMemory
import CorralTesting
import Testing

/// What is to find broken laws has to find them.
@Suite struct WatchedEngineTests {
    private let first = ModelID(path: "/first", role: .chat)
    private let second = ModelID(path: "/second", role: .chat)
    private let events = EngineEvents(progress: { _ in }, exited: { _ in })

    private func watched(budget: Int64) -> WatchedEngine<FakeEngine> {
        WatchedEngine(FakeEngine(), budget: .host(ByteCount(budget)))
    }

    private func load(
        _ model: ModelID,
        into engine: WatchedEngine<FakeEngine>
    ) async throws -> FakeModel {
        let plan = try await engine.plan(
            model,
            options: FakeEngine.Options(),
            minimumContext: 0,
            limits: .host(ByteCount(9))
        )
        return try await engine.load(model, plan: plan, events: events)
    }

    @Test func `a model that is loaded, used and unloaded breaks no law`() async throws {
        let engine = watched(budget: 1)
        let model = try await load(first, into: engine)
        #expect(engine.present == [first])
        try await engine.using(first) {}
        await engine.unload(model)
        #expect(engine.violations.isEmpty && engine.present.isEmpty)
        #expect(engine.counts == (1, 0, 1))
    }

    @Test func `loading twice, or more than there is, breaks one`() async throws {
        let twice = watched(budget: 9)
        _ = try await load(first, into: twice)
        _ = try await load(first, into: twice)
        #expect(twice.violations.count == 1)
        let tooMuch = watched(budget: 1)
        _ = try await load(first, into: tooMuch)
        _ = try await load(second, into: tooMuch)
        #expect(tooMuch.violations.count == 1)
        #expect(tooMuch.present == [first, second])
    }

    @Test func `unloading what is used, and using what is not there, break one each`() async throws
    {
        let engine = watched(budget: 9)
        let model = try await load(first, into: engine)
        try await engine.using(first) { await engine.unload(model) }
        #expect(engine.violations.count == 1)
        try await engine.using(second) {}
        #expect(engine.violations.count == 2)
        await engine.unload(model)
        #expect(engine.violations.count == 3)
    }
}
