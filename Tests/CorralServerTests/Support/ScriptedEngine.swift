import CorralCache
import CorralMemory
import CorralServer
import CorralServing
import CorralTesting
import NIOCore
import Synchronization

/// A fake engine whose models answer as the test says.
final class ScriptedEngine: ModelEngine {
    typealias Planning = @Sendable (ModelID) async -> Void
    typealias Answer = @Sendable (UpstreamRequest, ModelID) async throws -> UpstreamResponse

    let fake: FakeEngine
    private let answer: Mutex<Answer>
    private let planning = Mutex<Planning>({ _ in })
    private let received = Mutex<[UpstreamRequest]>([])

    init(
        footprint: @escaping @Sendable (ModelID) -> Footprint = { _ in .host(ByteCount(1)) },
        answer: @escaping Answer = { request, _ in .echo(request) }
    ) {
        fake = FakeEngine(footprint: footprint)
        self.answer = Mutex(answer)
    }

    /// Makes models answer so from now on.
    func setAnswer(_ answer: @escaping Answer) {
        self.answer.withLock { $0 = answer }
    }

    /// Does this from now on before a model is planned.
    func setPlanning(_ planning: @escaping Planning) {
        self.planning.withLock { $0 = planning }
    }

    /// What models were asked, in order.
    var requests: [UpstreamRequest] { received.withLock { $0 } }

    func defaultOptions(for model: ModelID) -> FakeEngine.Options { FakeEngine.Options() }

    func plan(
        _ model: ModelID,
        options: FakeEngine.Options,
        minimumContext: Int,
        limits: DomainBytes
    ) async throws -> FakeEngine.Plan {
        await planning.withLock { $0 }(model)
        return try await fake.plan(
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
    ) async throws -> ScriptedModel {
        ScriptedModel(engine: self, base: try await fake.load(model, plan: plan, events: events))
    }

    func unload(_ model: ScriptedModel) async { await fake.unload(model.base) }

    func measure(_ model: ScriptedModel) async -> MeasuredMemory? {
        await fake.measure(model.base)
    }

    fileprivate func respond(
        to request: UpstreamRequest,
        as model: ModelID
    ) async throws -> UpstreamResponse {
        received.withLock { $0.append(request) }
        return try await answer.withLock { $0 }(request, model)
    }
}

/// A model of a ``ScriptedEngine``.
final class ScriptedModel: ServedModel {
    let base: FakeModel
    private let engine: ScriptedEngine

    init(engine: ScriptedEngine, base: FakeModel) {
        self.engine = engine
        self.base = base
    }

    func respond(to request: UpstreamRequest) async throws -> UpstreamResponse {
        try await engine.respond(to: request, as: base.id)
    }
}
