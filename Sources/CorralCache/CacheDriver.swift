import CorralMemory
import Logging
import Synchronization

/// Carries out what the machine decides, with an engine and a host.
final class CacheDriver<Engine: ModelEngine>: Sendable {
    let core: CacheCore
    let engine: Engine
    let host: any HostMemoryReader
    let logger: Logger?

    init(
        engine: Engine,
        host: any HostMemoryReader,
        budget: DomainBytes,
        configuration: CacheConfiguration,
        timeline: Timeline,
        logger: Logger?
    ) {
        self.engine = engine
        self.host = host
        self.logger = logger
        core = CacheCore(budget: budget, configuration: configuration, timeline: timeline)
    }

    /// What may be reserved in each domain at most, now.
    var budget: DomainBytes { core.read { machine, _ in machine.budget } }

    /// Reads the host's memory and tells the machine; a failed read changes nothing.
    func refreshHost() {
        do {
            let memory = try host.read()
            core.perform { machine, now in
                machine.hostMemoryChanged(
                    available: memory.available,
                    pressure: memory.pressure,
                    now: now
                )
            }
        } catch {
            logger?.warning("Host memory could not be read", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Leasing

    func residentLease(_ model: ModelID, _ terms: LeaseTerms) -> Lease<Engine>? {
        guard let (id, loaded) = core.residentLease(model, terms) else { return nil }
        return Lease(model: typed(loaded), id: id, core: core)
    }

    /// The miss: plan, ask, and wait if need be.
    func lease(
        _ model: ModelID,
        _ options: Engine.Options,
        _ terms: LeaseTerms
    ) async throws(ModelCacheError) -> Lease<Engine> {
        let plan = try await plan(model, options, terms.minimumContext)
        refresh()
        let (id, loaded) = try await core.plannedLease(model, plan, estimate(of: plan), terms)
        return Lease(model: typed(loaded), id: id, core: core)
    }

    private func estimate(of plan: Engine.Plan) -> LoadEstimate {
        LoadEstimate(
            footprint: plan.footprint,
            contextTokens: plan.contextTokens,
            loadTime: plan.loadTime,
            remedies: plan.remedies(within: budget)
        )
    }

    /// Reads all that the next decision depends on.
    func refresh() {
        refreshConversations()
        refreshHost()
    }

    /// Asks the engine what the idle models' conversations are worth.
    private func refreshConversations() {
        let loaded = core.state.withLock { state in
            state.models.map { (model: $0.key, loaded: $0.value) }
        }
        guard !loaded.isEmpty else { return }
        let seconds = loaded.map { ($0.model, engine.conversation(of: typed($0.loaded)).seconds) }
        core.state.withLock { $0.machine.conversationsChanged(seconds) }
    }

    // MARK: Foresight

    func hint(_ model: ModelID, within horizon: Duration) async -> HintOutcome {
        await hint(model, confidence: Self.clientConfidence, within: horizon)
    }

    /// How much a client's word is believed.
    private static var clientConfidence: Double { 0.9 }

    func hint(
        _ model: ModelID,
        confidence: Double,
        within horizon: Duration
    ) async -> HintOutcome {
        do {
            let plan = try await plan(model, engine.defaultOptions(for: model), 0)
            refresh()
            return core.hint(
                model,
                plan,
                estimate(of: plan),
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
        let estimate = estimate(of: try await plan(model, options, minimumContext))
        refreshConversations()
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
        do {
            // Reading a file may block, which whoever asks may not: a server's event loop.
            return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await engine.plan(
                    model,
                    options: options,
                    minimumContext: minimumContext,
                    limits: budget
                )
            }
        } catch let error as ModelCacheError {
            throw error
        } catch {
            throw ModelCacheError(.unusableModel, model: model, message: "\(error)")
        }
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
