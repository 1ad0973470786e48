import CorralMemory
import Logging
import Synchronization

/// Does what takes time: plans, reads, loads and unloads, as the machine decides.
final class CacheDriver<Engine: ModelEngine>: Sendable {
    let core: CacheCore
    let engine: Engine
    let host: HostSampler
    /// The threads on which the engine looks at files.
    private let files = BlockingExecutor(label: "corral.model-files")

    init(
        engine: Engine,
        host: any HostMemoryReader,
        first: HostMemory,
        core: CacheCore,
        logger: Logger?
    ) {
        self.engine = engine
        self.core = core
        self.host = HostSampler(host, first: first, logger: logger) { memory in
            core.perform { machine, now in
                machine.hostMemoryChanged(
                    available: memory.available,
                    pressure: memory.pressure,
                    now: now
                )
            }
        }
    }

    // MARK: Leasing

    /// Leases a model that is not resident with enough context: plans it, asks, and waits if need
    /// be.
    func lease(
        _ model: ModelID,
        _ options: Engine.Options,
        _ terms: LeaseTerms
    ) async throws(ModelCacheError) -> Lease<Engine> {
        let (plan, estimate) = try await prepare(model, options, terms.minimumContext)
        let (id, loaded) = try await core.plannedLease(model, plan, estimate, terms)
        return Lease(model: typed(loaded), id: id, core: core)
    }

    /// Gathers all that a decision depends on: the plan and, read meanwhile, the host's memory.
    private func prepare(
        _ model: ModelID,
        _ options: Engine.Options,
        _ minimumContext: Int
    ) async throws(ModelCacheError) -> (Engine.Plan, LoadEstimate) {
        let reading = host.begin()
        let planned = try await estimatedPlan(model, options, minimumContext)
        await host.wait(for: reading)
        refreshConversations()
        return planned
    }

    /// Asks the engine what the idle models' conversations are worth.
    private func refreshConversations() {
        let residents = core.state.withLock { $0.residents }
        guard !residents.isEmpty else { return }
        let seconds = residents.map { model, resident in
            (model, engine.conversation(of: typed(resident.model)).seconds)
        }
        core.state.withLock { $0.machine.conversationsChanged(seconds) }
    }

    // MARK: Prefetching and forecasts

    func hint(_ model: ModelID, within horizon: Duration) async -> HintOutcome {
        await hint(model, confidence: Self.clientConfidence, within: horizon)
    }

    /// How likely a model is taken to be wanted that a client hinted at.
    private static var clientConfidence: Double { 0.9 }

    func hint(
        _ model: ModelID,
        confidence: Double,
        within horizon: Duration
    ) async -> HintOutcome {
        do {
            let (plan, estimate) = try await prepare(model, engine.defaultOptions(for: model), 0)
            return core.hint(
                model,
                plan,
                estimate,
                confidence: confidence,
                within: horizon
            )
        } catch {
            return HintOutcome(model: model, result: .declined, reason: error.message)
        }
    }

    func forecast(
        _ model: ModelID,
        _ options: Engine.Options,
        _ minimumContext: Int
    ) async throws(ModelCacheError) -> LoadForecast {
        let (_, estimate) = try await prepare(model, options, minimumContext)
        return core.read { machine, now in
            machine.forecast(
                for: model,
                estimate: estimate,
                minimumContext: minimumContext,
                now: now
            )
        }
    }

    func plan(
        _ model: ModelID,
        _ options: Engine.Options,
        _ minimumContext: Int
    ) async throws(ModelCacheError) -> Engine.Plan {
        try await estimatedPlan(model, options, minimumContext).0
    }

    /// A plan and what the machine needs to know of it; both may take a while to compute.
    private func estimatedPlan(
        _ model: ModelID,
        _ options: Engine.Options,
        _ minimumContext: Int
    ) async throws(ModelCacheError) -> (Engine.Plan, LoadEstimate) {
        let budget = core.read { machine, _ in machine.budget }
        do {
            return try await files.run {
                let plan = try await self.engine.plan(
                    model,
                    options: options,
                    minimumContext: minimumContext,
                    limits: budget
                )
                let estimate = LoadEstimate(
                    footprint: plan.footprint,
                    contextTokens: plan.contextTokens,
                    remedies: plan.remedies(within: budget)
                )
                return (plan, estimate)
            }
        } catch let error as ModelCacheError {
            throw error
        } catch {
            throw ModelCacheError(.unusableModel, model: model, message: "\(error)")
        }
    }

    /// Lets the engine look at files, away from the threads that answer requests.
    func readingFiles<Value: Sendable>(
        _ body: @escaping @Sendable () async -> Value
    ) async -> Value {
        await files.run(body)
    }

    /// Waits for a reading of the host's memory that begins now, and asks what conversations are
    /// worth.
    func refresh() async {
        await host.refresh()
        refreshConversations()
    }

    /// Only this driver's engine puts models into the core.
    func typed(_ loaded: any AnyObject & Sendable) -> Engine.Model {
        guard let model = loaded as? Engine.Model else {
            preconditionFailure("a model of another engine was in the cache")
        }
        return model
    }

    // MARK: Shutdown

    func shutdown(grace: Duration) async {
        core.perform { machine, now in machine.shutdownRequested(now: now) }
        if grace > .zero {
            // Ends early when the last lease does: the listeners then hear the end.
            let core = core
            let deadline = core.timeline.now.advanced(by: grace)
            await withTaskGroup { group in
                group.addTask { try? await core.timeline.sleep(until: deadline) }
                group.addTask { for await _ in core.listeners.ended {} }
                await group.next()
                group.cancelAll()
            }
        }
        core.perform { machine, now in machine.shutdownDeadlinePassed(now: now) }
    }

    // MARK: Work

    /// Carries out loads and unloads until the cache has shut down.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await action in core.work {
                group.addTask { await self.carryOut(action) }
            }
            group.cancelAll()
        }
        core.listeners.finish()
    }
}
