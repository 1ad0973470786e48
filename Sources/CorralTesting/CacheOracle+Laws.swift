import CorralCache
import CorralMemory

/// What the laws say of the oracle's own world.
extension CacheOracle {
    /// Whether a model was loaded so lately that it may not be evicted for another.
    func isFresh(_ model: ModelID) -> Bool {
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

    func isRequested(_ model: ModelID) -> Bool {
        unsettled.contains { (world.waiting[$0] ?? world.requested[$0]) == model }
    }

    func isWanted(_ model: ModelID) -> Bool { isHinted(model) || isRequested(model) }

    func hasUnsettled(otherThan model: ModelID) -> Bool {
        unsettled.contains { (world.waiting[$0] ?? world.requested[$0]) != model }
    }

    /// Law 5: what is evicted for must fit beside the pins.
    func checkFeasibility(of incoming: ModelID) throws {
        let contexts = unsettled.filter { (world.waiting[$0] ?? world.requested[$0]) == incoming }
            .map { max(Self.contextStep, world.needs[$0] ?? 0) }
        let least = contexts.min() ?? Self.contextStep
        guard fits(incoming, contextTokens: least) else {
            throw complain("evicted for \(incoming), which can never fit (law 5)")
        }
    }

    /// Whether a model can have its memory, all being evicted that is not pinned.
    func fits(_ incoming: ModelID, contextTokens: Int) -> Bool {
        let pinned = world.models.keys.filter { world.pins.contains($0) && $0 != incoming }
        let footprint = footprint(of: incoming, contextTokens: contextTokens)
        return memory(of: pinned, beside: footprint).fits(in: budget)
    }

    /// Law 5: a model leaves to come back with more context only if somebody waits for that, and
    /// if it can be had.
    func checkEnlargement(of model: ModelID) throws {
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
    func checkDrains() throws {
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
    func checkDemandComesFirst() throws {
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
    func checkOrder(of lease: Machine.LeaseID, loading model: ModelID) throws {
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
