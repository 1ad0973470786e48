import CorralMemory
import Logging

/// Carries out what the machine decides, with an engine and a host.
final class CacheDriver<Engine: ModelEngine>: Sendable {
    let core: CacheCore
    let engine: Engine
    let host: any HostMemoryReader
    let logger: Logger?
    let budget: DomainBytes

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
        self.budget = budget
        self.logger = logger
        core = CacheCore(budget: budget, configuration: configuration, timeline: timeline)
    }

    /// Reads the host's memory and tells the machine; a failed read changes nothing.
    func refreshHost() {
        do {
            let available = try host.read().available
            core.perform { machine, now in
                machine.hostMemoryChanged(available: available, now: now)
            }
        } catch {
            logger?.warning("Host memory could not be read", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Leasing

    func residentLease(
        _ model: ModelID,
        _ minimumContext: Int,
        _ keepAlive: KeepAlive?
    ) -> Lease<Engine>? {
        guard let (id, loaded) = core.residentLease(model, minimumContext, keepAlive) else {
            return nil
        }
        return Lease(model: typed(loaded), id: id, core: core)
    }

    /// The miss: plan, ask, and wait if need be.
    func lease(
        _ model: ModelID,
        _ options: Engine.Options,
        _ minimumContext: Int,
        _ keepAlive: KeepAlive?,
        _ maximumWait: Duration?
    ) async throws(ModelCacheError) -> Lease<Engine> {
        let plan = try await plan(model, options, minimumContext)
        let estimate = LoadEstimate(
            footprint: plan.footprint,
            contextTokens: plan.contextTokens,
            loadTime: plan.loadTime,
            remedies: plan.remedies(within: budget)
        )
        refreshHost()
        let (id, loaded) = try await core.plannedLease(
            model,
            plan,
            estimate,
            minimumContext,
            keepAlive,
            maximumWait
        )
        return Lease(model: typed(loaded), id: id, core: core)
    }

    func plan(
        _ model: ModelID,
        _ options: Engine.Options,
        _ minimumContext: Int
    ) async throws(ModelCacheError) -> Engine.Plan {
        do {
            return try await engine.plan(
                model,
                options: options,
                minimumContext: minimumContext,
                limits: budget
            )
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
