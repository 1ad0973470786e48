import CorralCache

/// The mistakes that are planted to test the oracle.
extension CacheOracle {
    /// Whether to make this mistake now; each history makes it once.
    mutating func plant(_ candidate: OracleFault) -> Bool {
        guard fault == candidate, faultsLeft > 0 else { return false }
        faultsLeft -= 1
        return true
    }

    /// What the machine's action becomes on its way to the oracle.
    mutating func distort(_ action: Machine.Action) -> [Machine.Action] {
        switch action {
        case .resume(let waiter, .success):
            if plant(.forgetsWaiter) { return [] }
            if plant(.resumesTwice) { return [action, .resume(waiter, with: .success(()))] }
        case .resume(let waiter, .failure(let error)) where error.code == .cancelled:
            if plant(.grantsCancelled) { return [.resume(waiter, with: .success(()))] }
        case .load(let model, let residency, let lease):
            if lease != nil, hasUnsettled(otherThan: model), plant(.loadsAheadOfDemand) {
                return [.load(model, residency, for: nil)]
            }
            if plant(.losesLoad) { return [] }
            if plant(.loadsTwice) { return [action, action] }
            let early = world.waiting.filter { $0.value == model }.keys.min()
            if let early, plant(.grantsEarly) {
                return [action, .resume(early, with: .success(()))]
            }
            let leased = world.held.values.compactMap { lease in
                lease.residency.map { (lease.model, $0) }
            }
            if let (victim, residency) = leased.min(by: { $0.0 < $1.0 }), plant(.evictsLeased) {
                return [.unload(victim, residency), action]
            }
        case .unload:
            if plant(.losesUnload) { return [] }
        case .wake:
            if plant(.losesAlarm) { return [] }
        case .cancelLoad(let model, _):
            let isPrefetch = world.models[model]?.isPrefetch == true
            if isPrefetch ? plant(.losesPrefetchCancellation) : plant(.losesCancellation) {
                return []
            }
        case .cancelReadAhead:
            if plant(.losesReadAheadCancellation) { return [] }
        case .emit(let event):
            if case .unloadStarted(.evicted(for: _?, let because)) = event.kind,
                let nobody = models.first(where: { !isWanted($0) }), plant(.evictsForNobody)
            {
                var distorted = event
                distorted.kind = .unloadStarted(.evicted(for: nobody, because: because))
                return [.emit(distorted)]
            }
            if case .draining(.reloadedWithMoreContext) = event.kind, let model = event.model,
                let residency = world.models[model]?.residency, plant(.reloadsWithoutDraining)
            {
                return [action, .unload(model, residency)]
            }
            if event.kind == .drainCancelled, let model = event.model,
                world.models[model]?.draining == .reloadedWithMoreContext,
                plant(.losesDrainCancellation)
            {
                return []
            }
        case .measure, .finish, .resume, .readAhead, .plan: break
        }
        return [action]
    }

    /// Whether the machine has answered request `id`, though its caller has not
    /// suspended yet to hear it: the one thing no action tells.
    func machineSettled(_ id: Int) -> Bool {
        machine.isSettled(.init(rawValue: UInt64(id)))
    }

    /// The stay of its model that request `id` was granted.
    func machineResidency(of id: Int) -> Machine.Residency? {
        machine.grantedResidency(of: .init(rawValue: UInt64(id)))
    }

    var unsettledCount: Int {
        (Array(world.waiting.keys) + Array(world.requested.keys)).count {
            !world.cancelledEarly.contains($0) && !machineSettled($0)
        }
    }
}
