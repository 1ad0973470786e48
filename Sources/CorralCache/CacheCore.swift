import CorralMemory
import Logging
import Synchronization

/// A caller that is suspended until its lease is granted or refused.
typealias Waiter = CheckedContinuation<Result<Void, ModelCacheError>, Never>

/// The machine behind its lock, and what a lease needs to be given back.
///
/// It is not generic, so that a hit costs no generic code; what the engine made is
/// kept as plain objects, which ``CacheDriver`` put there.
final class CacheCore: Sendable {
    typealias Machine = CacheStateMachine<Waiter>

    struct State: ~Copyable, Sendable {
        var machine: Machine
        /// The models themselves, for as long as the machine calls them resident.
        var models: [ModelID: any AnyObject & Sendable] = [:]
        /// The plans of requests that wait, and of loads that are about to begin:
        /// a load is carried out with the plan its memory was reserved by.
        var plans: [Machine.LeaseID: any LoadPlan] = [:]
        var loads: [Machine.Residency: any LoadPlan] = [:]
        /// The plans of what is expected to be wanted.
        var hinted: [ModelID: any LoadPlan] = [:]
        /// How to abandon loads that are under way.
        var cancellations: [Machine.Residency: AsyncStream<Never>.Continuation] = [:]
        /// How to abandon reading ahead.
        var readAheads: [ModelID: AsyncStream<Never>.Continuation] = [:]

        /// Takes from the actions what has to be kept under the lock.
        mutating func keepPlans(for actions: [Machine.Action]) -> [Machine.Action] {
            for case .load(let model, let residency, let lease) in actions {
                loads[residency] = lease.map { plans[$0] } ?? hinted[model]
            }
            if !hinted.isEmpty {
                // What was called off half loaded is expected again, with the same plan.
                hinted = hinted.filter { machine.isHinted($0.key) || machine.isPrefetch($0.key) }
            }
            return actions
        }
    }

    let timeline: Timeline
    let listeners = EventListeners()
    let state: Mutex<State>
    /// What takes time, for the driver to carry out.
    let work: AsyncStream<Machine.Action>
    private let workToDo: AsyncStream<Machine.Action>.Continuation

    init(budget: DomainBytes, configuration: CacheConfiguration, timeline: Timeline) {
        self.timeline = timeline
        state = Mutex(State(machine: Machine(budget: budget, configuration: configuration)))
        (work, workToDo) = AsyncStream.makeStream()
    }

    // MARK: Transitions

    /// Tells the machine what happened, then does what it says, outside the lock.
    func perform(_ transition: (inout Machine, CacheInstant) -> [Machine.Action]) {
        update { state, now in transition(&state.machine, now) }
    }

    /// The same, where the models change along with the machine.
    func update(_ transition: (inout State, CacheInstant) -> [Machine.Action]) {
        let now = timeline.now
        carryOut(
            state.withLock { state in
                let actions = transition(&state, now)
                return state.keepPlans(for: actions)
            }
        )
    }

    func read<Value>(_ body: (borrowing Machine, CacheInstant) -> Value) -> Value {
        let now = timeline.now
        return state.withLock { body($0.machine, now) }
    }

    func evict(_ scope: Machine.EvictionScope) -> [ModelID] {
        var chosen: [ModelID] = []
        perform { machine, now in
            let (models, actions) = machine.evictionRequested(scope, now: now)
            chosen = models
            return actions
        }
        return chosen
    }

    private func carryOut(_ actions: [Machine.Action]) {
        for action in actions {
            switch action {
            case .resume(let waiter, let result): waiter.resume(returning: result)
            case .emit(let event): listeners.emit(event)
            case .finish: workToDo.finish()
            case .load, .cancelLoad, .unload, .measure, .wake, .readAhead, .cancelReadAhead, .plan:
                workToDo.yield(action)
            }
        }
    }

    /// Notes that a model is expected to be wanted; its plan stays as long as that holds.
    func hint(
        _ model: ModelID,
        _ plan: any LoadPlan,
        _ estimate: LoadEstimate,
        confidence: Double,
        within horizon: Duration
    ) -> HintOutcome {
        var outcome = HintOutcome(model: model, result: .declined)
        update { state, now in
            let before = state.hinted.updateValue(plan, forKey: model)
            let (result, actions) = state.machine.modelHinted(
                model,
                estimate: estimate,
                confidence: confidence,
                expires: now.advanced(by: horizon),
                now: now
            )
            // A load that is under way goes on as it was planned.
            if result.result == .resident { state.hinted[model] = before }
            outcome = result
            return actions
        }
        return outcome
    }

    // MARK: Leasing

    /// The hit: one lock, no suspension.
    func residentLease(
        _ model: ModelID,
        _ terms: LeaseTerms
    ) -> (Machine.LeaseID, any AnyObject & Sendable)? {
        let now = timeline.now
        let granted = state.withLock {
            state -> (Machine.LeaseID, Bool, any AnyObject & Sendable)? in
            guard let loaded = state.models[model],
                let (id, beginsRun) = state.machine.residentLeaseRequested(
                    for: model,
                    minimumContext: terms.minimumContext,
                    keepAlive: terms.keepAlive,
                    priority: terms.priority,
                    now: now
                )
            else { return nil }
            return (id, beginsRun, loaded)
        }
        guard let (id, beginsRun, loaded) = granted else { return nil }
        listeners.emit(.hit(model, at: now))
        if beginsRun { perform { machine, _ in machine.predict(after: model) } }
        return (id, loaded)
    }

    /// The miss, once it is planned: ask, and wait if need be.
    func plannedLease(
        _ model: ModelID,
        _ plan: any LoadPlan,
        _ estimate: LoadEstimate,
        _ terms: LeaseTerms
    ) async throws(ModelCacheError) -> (Machine.LeaseID, any AnyObject & Sendable) {
        let (id, admission) = request(model, plan, estimate, terms)
        switch admission {
        case .granted: break
        case .refused(let error): throw error
        case .queued:
            let answer = await waitForGrant(id)
            state.withLock { $0.plans[id] = nil }
            try answer.get()
        }
        guard let loaded = state.withLock({ $0.models[model] }) else {
            release(id)
            throw .exited(model)
        }
        return (id, loaded)
    }

    private func request(
        _ model: ModelID,
        _ plan: any LoadPlan,
        _ estimate: LoadEstimate,
        _ terms: LeaseTerms
    ) -> (Machine.LeaseID, Machine.Admission) {
        let now = timeline.now
        let (id, admission, actions) = state.withLock { state in
            let (id, admission, actions) = state.machine.leaseRequested(
                for: model,
                estimate: estimate,
                minimumContext: terms.minimumContext,
                keepAlive: terms.keepAlive,
                maximumWait: terms.maximumWait,
                priority: terms.priority,
                now: now
            )
            if admission == .queued { state.plans[id] = plan }
            return (id, admission, state.keepPlans(for: actions))
        }
        carryOut(actions)
        return (id, admission)
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

    func release(_ id: Machine.LeaseID) {
        let now = timeline.now
        let (lease, actions) = state.withLock { state in
            let (lease, actions) = state.machine.leaseTakenBack(id, now: now)
            return (lease, actions.isEmpty ? actions : state.keepPlans(for: actions))
        }
        listeners.emit(.released(lease.model, since: lease.since, at: now))
        carryOut(actions)
    }
}
