import CorralCache
import CorralMemory

/// Carrying actions out, and complaining about them.
extension CacheOracle {
    mutating func obey(_ actions: [Machine.Action]) throws {
        for action in actions {
            for distorted in distort(action) { try obey(distorted) }
        }
        if let broken = machine.brokenInvariant() { throw complain(broken) }
        let someoneActs =
            world.models.values.contains { $0.stage != .resident }
            || world.held.values.contains { $0.residency != nil }
            || world.requested.keys.contains(where: machineSettled)
            || (world.alarms.contains { $0 > now } && world.models.keys.contains(where: isFresh))
        if !someoneActs, let id = unsettled.first {
            throw complain("request \(id) waits though nothing is under way (law 9)")
        }
    }

    /// Requests that are queued for all the oracle knows.
    private var unsettled: [Int] {
        (Array(world.waiting.keys) + Array(world.requested.keys))
            .filter { !world.cancelledEarly.contains($0) && !machineSettled($0) }
            .sorted()
    }

    private mutating func obey(_ action: Machine.Action) throws {
        switch action {
        case .load(let model, let residency, _): try startLoad(model, residency)
        case .unload(let model, let residency): try startUnload(model, residency)
        case .cancelLoad(let model, _):
            guard world.models[model]?.stage == .loading else {
                throw complain("cancelled a load of \(model) that is not under way")
            }
            world.models[model]?.cancelled = true
        case .resume(let waiter, let result): try resume(waiter, result)
        case .wake(let instant):
            guard instant > now else { throw complain("an alarm is set in the past") }
            world.alarms.append(instant)
        case .measure, .emit, .readAhead, .cancelReadAhead, .plan: try note(action)
        case .finish:
            guard world.models.isEmpty else { throw complain("finished with models in memory") }
            guard !world.isFinished else { throw complain("finished twice") }
            world.isFinished = true
        }
    }

    private mutating func note(_ action: Machine.Action) throws {
        guard case .emit(let event) = action, let model = event.model else { return }
        switch event.kind {
        case .draining(let reason):
            if case .evicted = reason, world.pins.contains(model) {
                throw complain("\(model) drains although it is pinned (law 2)")
            }
            world.models[model]?.isDraining = true
        case .drainCancelled:
            world.models[model]?.isDraining = false
        case .unloadStarted(.evicted(let incoming?, _)):
            if world.pins.contains(model) {
                throw complain("evicted \(model), which is pinned (law 2)")
            }
            if isFresh(model) { throw complain("evicted \(model), which is fresh (law 11)") }
            try checkFeasibility(of: incoming)
        default: break
        }
    }

    /// Whether a model was loaded so lately that it may not be evicted for another.
    private func isFresh(_ model: ModelID) -> Bool {
        guard let resident = world.models[model], let ended = resident.endedAt else { return false }
        let span = min(ended.duration(since: resident.startedAt), agingBound)
        let isLeased = world.held.values.contains { $0.residency == resident.residency }
        let end = ended.advanced(by: span)
        return now < (isLeased ? end : min(end, resident.lastUsed.advanced(by: span / 4)))
    }

    /// Law 5: what is evicted for must fit beside the pins.
    private func checkFeasibility(of incoming: ModelID) throws {
        let pinned = world.models.keys.filter { world.pins.contains($0) && $0 != incoming }
        guard memory(of: pinned + [incoming]).fits(in: budget) else {
            throw complain("evicted for \(incoming), which can never fit (law 5)")
        }
    }

    private mutating func startLoad(_ model: ModelID, _ residency: Machine.Residency) throws {
        guard world.models[model] == nil else {
            throw complain("loads \(model), which is in memory already (law 4)")
        }
        let footprint = footprints[model] ?? .host(.zero)
        world.models[model] = World.Resident(
            stage: .loading,
            residency: residency,
            exclusive: footprint.exclusive,
            startedAt: now,
            lastUsed: now
        )
        summary.loads += 1
        let reserved = memory(of: Array(world.models.keys))
        guard reserved.fits(in: budget) else {
            throw complain("loading \(model) reserves \(reserved) of \(budget) (law 1)")
        }
    }

    private mutating func startUnload(_ model: ModelID, _ residency: Machine.Residency) throws {
        guard let resident = world.models[model], resident.stage == .resident,
            resident.residency == residency
        else { throw complain("unloads \(model), which is not resident") }
        if let lease = world.held.first(where: { $0.value.residency == residency }) {
            throw complain("unloads \(model) under lease \(lease.key) (law 2)")
        }
        world.models[model]?.stage = .unloading
        summary.unloads += 1
        if plant(.returnsMemoryEarly) {
            returnedEarly.insert(residency)
            try obey(machine.unloadFinished(model, residency, now: now))
        }
    }

    private mutating func resume(_ waiter: Int, _ result: Result<Void, ModelCacheError>) throws {
        guard world.settled.insert(waiter).inserted,
            let model = world.waiting.removeValue(forKey: waiter)
        else { throw complain("resumed waiter \(waiter) twice or unasked (law 3)") }
        guard case .success = result else {
            summary.refusals += 1
            return
        }
        if world.cancelledEarly.contains(waiter) {
            throw complain("granted waiter \(waiter), which was cancelled (law 3)")
        }
        try hold(waiter, model)
    }

    /// Notes a grant.
    mutating func hold(_ id: Int, _ model: ModelID) throws {
        guard let granted = machineResidency(of: id), let resident = world.models[model],
            resident.stage == .resident, resident.residency == granted
        else { throw complain("granted \(model), which is not resident") }
        world.held[id] = (model, granted)
        world.models[model]?.lastUsed = now
        summary.grants += 1
    }

    /// What `models` hold together: shared parts once.
    func memory(of models: [ModelID]) -> DomainBytes {
        var shared: [String: DomainBytes] = [:]
        var total = DomainBytes.zero
        for model in models {
            let footprint = footprints[model] ?? .host(.zero)
            total += footprint.exclusive.union(world.models[model]?.measured ?? .zero)
            for part in footprint.shared { shared[part.name] = part.bytes }
        }
        return shared.values.reduce(total, +)
    }
}
