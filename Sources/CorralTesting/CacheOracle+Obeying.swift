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
    private var unsettled: [Int] {
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

    /// Whether a model was loaded so lately that it may not be evicted for another.
    private func isFresh(_ model: ModelID) -> Bool {
        guard let resident = world.models[model], let ended = resident.endedAt,
            !resident.isPrefetch
        else { return false }
        let span = min(ended.duration(since: resident.startedAt), agingBound)
        let end = ended.advanced(by: span)
        return now < (isLeased(resident) ? end : min(end, resident.lastUsed.advanced(by: span / 4)))
    }

    func isLeased(_ resident: World.Resident) -> Bool {
        world.held.values.contains { $0.residency == resident.residency }
    }

    /// Whether somebody said that the model will be wanted, and it still might be.
    func isHinted(_ model: ModelID) -> Bool {
        world.hinted[model].map { $0 > now } ?? false
    }

    private func isRequested(_ model: ModelID) -> Bool {
        unsettled.contains { (world.waiting[$0] ?? world.requested[$0]) == model }
    }

    func isWanted(_ model: ModelID) -> Bool { isHinted(model) || isRequested(model) }

    func hasUnsettled(otherThan model: ModelID) -> Bool {
        unsettled.contains { (world.waiting[$0] ?? world.requested[$0]) != model }
    }

    /// Law 5: what is evicted for must fit beside the pins.
    private func checkFeasibility(of incoming: ModelID) throws {
        let contexts = unsettled.filter { (world.waiting[$0] ?? world.requested[$0]) == incoming }
            .map { max(Self.contextStep, world.needs[$0] ?? 0) }
        let least = contexts.min() ?? Self.contextStep
        guard fits(incoming, contextTokens: least) else {
            throw complain("evicted for \(incoming), which can never fit (law 5)")
        }
    }

    /// Whether a model can have its memory, all being evicted that is not pinned.
    private func fits(_ incoming: ModelID, contextTokens: Int) -> Bool {
        let pinned = world.models.keys.filter { world.pins.contains($0) && $0 != incoming }
        let footprint = footprint(of: incoming, contextTokens: contextTokens)
        return memory(of: pinned, beside: footprint).fits(in: budget)
    }

    /// Law 5: a model leaves to come back with more context only if somebody waits for that, and
    /// if it can be had.
    private func checkEnlargement(of model: ModelID) throws {
        guard let resident = world.models[model] else { return }
        let isFeasible = unsettled.contains { id in
            guard (world.waiting[id] ?? world.requested[id]) == model,
                let needed = world.needs[id], needed > resident.contextTokens
            else { return false }
            return fits(model, contextTokens: needed)
        }
        // Above the budget, it goes on leaving though nobody waits any more.
        if !isFeasible, memory(of: Array(world.models.keys)).fits(in: budget) {
            throw complain("\(model) leaves for more context than can be had (law 5)")
        }
    }

    /// Law 13: no model refuses leases for the sake of a context that nobody waits for.
    private func checkDrains() throws {
        guard memory(of: Array(world.models.keys)).fits(in: budget) else { return }
        for (model, resident) in world.models
        where resident.stage == .resident && resident.draining == .reloadedWithMoreContext {
            let isAwaited = unsettled.contains { id in
                (world.waiting[id] ?? world.requested[id]) == model
                    && (world.needs[id] ?? 0) > resident.contextTokens
            }
            if !isAwaited {
                throw complain("\(model) drains for more context than anybody wants (law 13)")
            }
        }
    }

    /// Law 12: nothing for a hint goes on while a request needs the disk or the memory.
    private func checkDemandComesFirst() throws {
        let isReading = world.reading.contains { $0.value }
        let prefetch = world.models.first {
            $0.value.stage == .loading && $0.value.isPrefetch && !$0.value.cancelled
        }
        guard isReading || prefetch != nil else { return }
        let needsMemory = unsettled.contains { id in
            guard let model = world.waiting[id] ?? world.requested[id] else { return false }
            return world.models[model] == nil
        }
        let loadsForDemand = world.models.values.contains {
            $0.stage == .loading && !$0.isPrefetch && !$0.cancelled
        }
        if needsMemory || loadsForDemand {
            let what = prefetch.map { "loads \($0.key)" } ?? "reads"
            throw complain("\(what) ahead while a request waits (law 12)")
        }
    }

    /// Requests are served in the order in which they came, batch ones as if they came later.
    private func checkOrder(of lease: Machine.LeaseID, loading model: ModelID) throws {
        let id = Int(lease.rawValue)
        guard let rank = world.ranks[id] else { return }
        let overtaken = unsettled.first { other in
            guard let wanted = world.waiting[other] ?? world.requested[other], wanted != model,
                world.models[wanted] == nil, let before = world.ranks[other]
            else { return false }
            return (before, other) < (rank, id)
        }
        if let overtaken { throw complain("request \(id) overtakes \(overtaken)") }
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

    /// Whether a request for so much context is a hit.
    func canServe(_ model: ModelID, _ needed: Int) -> Bool {
        guard let resident = world.models[model] else { return false }
        return resident.stage == .resident && resident.draining == nil
            && resident.contextTokens >= needed
    }

    /// What `models` hold together, with one more footprint beside them: shared parts once.
    func memory(of models: [ModelID], beside added: Footprint = .host(.zero)) -> DomainBytes {
        var shared: [String: DomainBytes] = [:]
        var total = added.exclusive
        for part in added.shared { shared[part.name] = part.bytes }
        for model in models {
            guard let resident = world.models[model] else { continue }
            let footprint = footprint(of: model, contextTokens: resident.contextTokens)
            total += footprint.exclusive.union(resident.measured ?? .zero)
            for part in footprint.shared { shared[part.name] = part.bytes }
        }
        return shared.values.reduce(total, +)
    }
}
