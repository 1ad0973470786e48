import CorralMemory
import Logging
import Synchronization

/// A caller that is suspended until its lease is granted or refused.
typealias Waiter = CheckedContinuation<Result<Void, ModelCacheError>, Never>

/// What the cache and its leases share: the machine behind its lock, and the
/// means to carry out what it decides.
final class CacheCore<Engine: ModelEngine>: Sendable {
    typealias Machine = CacheStateMachine<Waiter>

    struct State: ~Copyable, Sendable {
        var machine: Machine
        /// The models themselves, for as long as the machine calls them resident.
        var models: [ModelID: Engine.Model] = [:]
        /// The plans of requests that wait, and of loads that are about to begin:
        /// a load is carried out with the plan its memory was reserved by.
        var plans: [Machine.LeaseID: Engine.Plan] = [:]
        var loads: [Machine.Residency: Engine.Plan] = [:]
        /// How to abandon loads that are under way.
        var cancellations: [ModelID: AsyncStream<Never>.Continuation] = [:]

        /// Takes from the actions what has to be kept under the lock.
        mutating func keepPlans(for actions: [Machine.Action]) -> [Machine.Action] {
            for case .load(_, let residency, let lease) in actions {
                loads[residency] = plans[lease]
            }
            return actions
        }
    }

    let engine: Engine
    let host: any HostMemoryReader
    let timeline: Timeline
    let logger: Logger?
    let listeners = EventListeners()
    let state: Mutex<State>
    private let work: AsyncStream<Machine.Action>.Continuation
    private let workToDo: AsyncStream<Machine.Action>

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
        self.timeline = timeline
        self.logger = logger
        state = Mutex(State(machine: Machine(budget: budget, configuration: configuration)))
        (workToDo, work) = AsyncStream.makeStream()
    }

    // MARK: Transitions

    /// Tells the machine what happened, then does what it says, outside the lock.
    func perform(_ transition: (inout Machine, CacheInstant) -> [Machine.Action]) {
        let now = timeline.now
        carryOut(state.withLock { $0.keepPlans(for: transition(&$0.machine, now)) })
    }

    func read<Value>(_ body: (borrowing Machine, CacheInstant) -> Value) -> Value {
        let now = timeline.now
        return state.withLock { body($0.machine, now) }
    }

    func evict(_ scope: Machine.EvictionScope) -> [ModelID] {
        let now = timeline.now
        let (models, actions) = state.withLock { state in
            let (models, actions) = state.machine.evictionRequested(scope, now: now)
            return (models, state.keepPlans(for: actions))
        }
        carryOut(actions)
        return models
    }

    /// Reads the host's memory and tells the machine; a failed read changes nothing.
    func refreshHost() {
        do {
            let available = try host.read().available
            perform { machine, now in machine.hostMemoryChanged(available: available, now: now) }
        } catch {
            logger?.warning("Host memory could not be read", metadata: ["error": "\(error)"])
        }
    }

    func carryOut(_ actions: [Machine.Action]) {
        for action in actions {
            switch action {
            case .resume(let waiter, let result): waiter.resume(returning: result)
            case .emit(let event): listeners.emit(event)
            case .finish: work.finish()
            case .load, .cancelLoad, .unload, .measure, .wake: work.yield(action)
            }
        }
    }

    // MARK: Leasing

    /// The hit: one lock, no suspension.
    func residentLease(
        _ model: ModelID,
        _ minimumContext: Int,
        _ keepAlive: KeepAlive?
    ) -> Lease<Engine>? {
        let now = timeline.now
        let granted = state.withLock { state -> (Machine.LeaseID, CacheEvent, Engine.Model)? in
            guard let loaded = state.models[model],
                let (id, event) = state.machine.residentLeaseRequested(
                    for: model,
                    minimumContext: minimumContext,
                    keepAlive: keepAlive,
                    now: now
                )
            else { return nil }
            return (id, event, loaded)
        }
        guard let (id, event, loaded) = granted else { return nil }
        listeners.emit(event)
        return Lease(model: loaded, id: id, core: self)
    }

    func release(_ id: Machine.LeaseID) {
        perform { machine, now in machine.leaseReleased(id, now: now) }
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
        let now = timeline.now
        let (id, admission, actions) = state.withLock { state in
            let answer = state.machine.leaseRequested(
                for: model,
                estimate: estimate,
                minimumContext: minimumContext,
                keepAlive: keepAlive,
                maximumWait: maximumWait,
                now: now
            )
            if answer.1 == .queued { state.plans[answer.0] = plan }
            return (answer.0, answer.1, state.keepPlans(for: answer.2))
        }
        carryOut(actions)
        switch admission {
        case .granted: break
        case .refused(let error): throw error
        case .queued:
            defer { state.withLock { $0.plans[id] = nil } }
            try await waitForGrant(id).get()
        }
        guard let loaded = state.withLock({ $0.models[model] }) else {
            release(id)
            throw .exited(model)
        }
        return Lease(model: loaded, id: id, core: self)
    }

    private func waitForGrant(_ id: Machine.LeaseID) async -> Result<Void, ModelCacheError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                perform { machine, _ in machine.leaseAwaited(id, by: waiter) }
            }
        } onCancel: {
            perform { machine, now in machine.leaseCancelled(id, now: now) }
        }
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

    var budget: DomainBytes { read { machine, _ in machine.budget } }

    // MARK: Shutdown

    func shutdown(grace: Duration) async {
        perform { machine, now in machine.shutdownRequested(now: now) }
        if grace > .zero {
            // Ends early when the last lease does: `run` then finishes the stream.
            await withTaskGroup { group in
                group.addTask {
                    try? await self.timeline.sleep(until: self.timeline.now.advanced(by: grace))
                }
                group.addTask { for await _ in self.listeners.ended {} }
                await group.next()
                group.cancelAll()
            }
        }
        perform { machine, now in machine.shutdownDeadlinePassed(now: now) }
    }

    // MARK: Work

    /// Carries out loads and unloads until the cache has shut down.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await action in workToDo {
                group.addTask { await self.work(on: action) }
            }
            group.cancelAll()
        }
        listeners.finish()
    }
}
