import CorralCache
import CorralMemory

/// Carrying actions out, and complaining about them.
extension CacheOracle {
    mutating func obey(_ actions: [Machine.Action]) throws {
        for action in actions {
            for distorted in distort(action) { try obey(distorted) }
        }
        if let broken = machine.brokenInvariant() { throw complain(broken) }
        try checkDemandComesFirst()
        try checkDrains()
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
    var unsettled: [Int] {
        (Array(world.waiting.keys) + Array(world.requested.keys))
            .filter { !world.cancelledEarly.contains($0) && !machineSettled($0) }
            .sorted()
    }

    private mutating func obey(_ action: Machine.Action) throws {
        switch action {
        case .load(let model, let residency, let lease): try startLoad(model, residency, for: lease)
        case .unload(let model, let residency): try startUnload(model, residency)
        case .cancelLoad(let model, _):
            guard world.models[model]?.stage == .loading else {
                throw complain("cancelled a load of \(model) that is not under way")
            }
            world.models[model]?.cancelled = true
            if world.models[model]?.isPrefetch == true { summary.prefetchesCancelled += 1 }
        case .readAhead(let model):
            guard isHinted(model), world.models[model]?.stage != .loading else {
                throw complain("reads \(model) ahead, which nobody hinted at")
            }
            guard world.reading.updateValue(true, forKey: model) == nil else {
                throw complain("reads \(model) ahead twice at once")
            }
            summary.readAheads += 1
        case .cancelReadAhead(let model):
            guard world.reading[model] == true else {
                throw complain("stopped reading \(model), which is not being read")
            }
            world.reading[model] = false
        case .resume(let waiter, let result): try resume(waiter, result)
        case .wake(let instant):
            guard instant > now else { throw complain("an alarm is set in the past") }
            world.alarms.append(instant)
        case .measure, .emit, .plan: try note(action)
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
            if reason == .reloadedWithMoreContext { try checkEnlargement(of: model) }
            world.models[model]?.draining = reason
        case .drainCancelled:
            if world.models[model]?.draining == .reloadedWithMoreContext {
                summary.drainsCalledOff += 1
            }
            world.models[model]?.draining = nil
        case .unloadStarted(.reloadedWithMoreContext):
            try checkEnlargement(of: model)
            summary.enlargements += 1
        case .unloadStarted(.evicted(let incoming?, _)):
            if world.pins.contains(model) {
                throw complain("evicted \(model), which is pinned (law 2)")
            }
            if isFresh(model) { throw complain("evicted \(model), which is fresh (law 11)") }
            try checkFeasibility(of: incoming)
            if !isRequested(incoming) {
                guard isHinted(incoming) else {
                    throw complain("evicted \(model) for \(incoming), which nobody wants")
                }
                if !unsettled.isEmpty {
                    throw complain("evicted \(model) for a hint while somebody waits (law 12)")
                }
            }
        default: break
        }
    }

    private mutating func startLoad(
        _ model: ModelID,
        _ residency: Machine.Residency,
        for lease: Machine.LeaseID?
    ) throws {
        guard world.models[model] == nil else {
            throw complain("loads \(model), which is in memory already (law 4)")
        }
        let needed = lease.flatMap { world.needs[Int($0.rawValue)] } ?? 0
        world.models[model] = World.Resident(
            stage: .loading,
            residency: residency,
            contextTokens: max(Self.contextStep, needed),
            startedAt: now,
            lastUsed: now
        )
        summary.loads += 1
        if let lease {
            try checkOrder(of: lease, loading: model)
        } else {
            guard isHinted(model) else { throw complain("loads \(model), which nobody wants") }
            if !unsettled.isEmpty {
                throw complain("loads \(model) for a hint while somebody waits (law 12)")
            }
            world.models[model]?.isPrefetch = true
            summary.prefetches += 1
        }
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
        if let needed = world.needs[id], needed > resident.contextTokens {
            throw complain("granted \(model) with too little context")
        }
        world.held[id] = (model, granted)
        world.models[model]?.lastUsed = now
        world.models[model]?.isPrefetch = false
        summary.grants += 1
    }
}
