import CorralMemory
import Logging
import Synchronization

/// A caller that is suspended until its lease is granted or refused.
typealias Waiter = CheckedContinuation<Result<Void, ModelCacheError>, Never>

/// The machine behind its lock, and the models that it calls resident.
///
/// The core is not generic, so that a hit runs no generic code: models are kept as plain objects,
/// which ``CacheDriver`` puts here and ``Lease`` gives their type back.
final class CacheCore: Sendable {
    typealias Machine = CacheStateMachine<Waiter>

    /// A model that the engine loaded, and the stay in memory it belongs to: after a crash another
    /// may be there under the same name.
    struct Resident: Sendable {
        var residency: Machine.Residency
        var model: any AnyObject & Sendable
    }

    struct State: ~Copyable, Sendable {
        var machine: Machine
        /// The models themselves, for as long as the machine calls them resident.
        var residents: [ModelID: Resident] = [:]
        /// The plans of requests that wait, and of loads that are about to begin:
        /// a load is carried out with the plan its memory was reserved by.
        var plans: [Machine.LeaseID: any LoadPlan] = [:]
        var loads: [Machine.Residency: any LoadPlan] = [:]
        /// The plans of the models that are hinted at.
        var hinted: [ModelID: any LoadPlan] = [:]
        /// How to abandon loads that are under way.
        var cancellations: [Machine.Residency: AsyncStream<Never>.Continuation] = [:]
        /// How to abandon reading ahead.
        var readAheads: [ModelID: AsyncStream<Never>.Continuation] = [:]
        /// How to end the sleep of the alarm, once another takes its place.
        var alarm: AsyncStream<Never>.Continuation?

        /// The model of a stay, while that lasts.
        func resident(_ model: ModelID, in residency: Machine.Residency) -> Resident? {
            guard let resident = residents[model], resident.residency == residency else {
                return nil
            }
            return resident
        }

        /// Keeps the plans that loads are about to be carried out with, and forgets those of hints
        /// that nobody holds any more.
        mutating func keepPlans(for actions: [Machine.Action]) {
            for case .load(let model, let residency, let lease) in actions {
                loads[residency] = lease.map { plans[$0] } ?? hinted[model]
            }
            if !hinted.isEmpty {
                // What was called off half loaded is expected again, with the same plan.
                hinted = hinted.filter { machine.isHinted($0.key) || machine.isPrefetch($0.key) }
            }
        }
    }

    let timeline: Timeline
    let listeners = EventListeners()
    let state: Mutex<State>
    /// The actions that take time, for the driver to carry out.
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

    /// Tells the machine what happened, where the models change along with it.
    ///
    /// The time is read under the lock, so that it never goes back from one event to the next.
    func update(_ transition: (inout State, CacheInstant) -> [Machine.Action]) {
        let actions = state.withLock { state in
            let actions = transition(&state, timeline.now)
            settle(actions, in: &state)
            return actions
        }
        carryOut(actions)
    }

    /// Does, under the lock, what of the actions has to be done in the order of the events.
    private func settle(_ actions: [Machine.Action], in state: inout State) {
        guard !actions.isEmpty else { return }
        state.keepPlans(for: actions)
        for case .emit(let event) in actions { listeners.enqueue(event) }
    }

    func read<Value>(_ body: (borrowing Machine, CacheInstant) -> Value) -> Value {
        state.withLock { body($0.machine, timeline.now) }
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
        listeners.deliver()
        for action in actions {
            switch action {
            case .resume(let waiter, let result): waiter.resume(returning: result)
            case .emit: break
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

    /// Leases a resident model at once, under one lock and without suspending; `nil` is a miss.
    func residentLease(
        _ model: ModelID,
        _ terms: LeaseTerms
    ) -> (Machine.LeaseID, any AnyObject & Sendable)? {
        let granted = state.withLock {
            state -> (Machine.LeaseID, Bool, any AnyObject & Sendable)? in
            let now = timeline.now
            guard let resident = state.residents[model],
                let (id, beginsRun) = state.machine.residentLeaseRequested(
                    for: model,
                    minimumContext: terms.minimumContext,
                    keepAlive: terms.keepAlive,
                    priority: terms.priority,
                    now: now
                )
            else { return nil }
            listeners.enqueue(.hit(model, at: now))
            return (id, beginsRun, resident.model)
        }
        guard let (id, beginsRun, loaded) = granted else { return nil }
        listeners.deliver()
        if beginsRun { perform { machine, _ in machine.predict(after: model) } }
        return (id, loaded)
    }

    /// Leases a model that has to be loaded or waited for, once its plan is made.
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
        // The stay that was granted may have ended since, and the model have been loaded again:
        // this lease does not count there.
        let granted = state.withLock { state in
            state.machine.grantedResidency(of: id).flatMap { state.resident(model, in: $0) }
        }
        guard let granted else {
            release(id)
            throw .exited(model)
        }
        return (id, granted.model)
    }

    private func request(
        _ model: ModelID,
        _ plan: any LoadPlan,
        _ estimate: LoadEstimate,
        _ terms: LeaseTerms
    ) -> (Machine.LeaseID, Machine.Admission) {
        let (id, admission, actions) = state.withLock { state in
            let (id, admission, actions) = state.machine.leaseRequested(
                for: model,
                estimate: estimate,
                minimumContext: terms.minimumContext,
                keepAlive: terms.keepAlive,
                maximumWait: terms.maximumWait,
                priority: terms.priority,
                now: timeline.now
            )
            if admission == .queued { state.plans[id] = plan }
            settle(actions, in: &state)
            return (id, admission, actions)
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
        let actions = state.withLock { state in
            let now = timeline.now
            let (lease, actions) = state.machine.leaseTakenBack(id, now: now)
            listeners.enqueue(.released(lease.model, since: lease.since, at: now))
            settle(actions, in: &state)
            return actions
        }
        carryOut(actions)
    }
}

/// The terms of a request, beside its model.
struct LeaseTerms: Sendable {
    var minimumContext = 0
    var keepAlive: KeepAlive?
    var maximumWait: Duration?
    var priority = RequestPriority.interactive
}
