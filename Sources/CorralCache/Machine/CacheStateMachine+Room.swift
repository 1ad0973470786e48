import CorralMemory

/// Where the memory for a load comes from.
extension CacheStateMachine {
    enum Room: Hashable {
        case free
        case evict([EvictionVictim])
        case wait
    }

    /// Decides how a model that can have its memory gets it.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - estimate: What it needs.
    ///   - start: Since when somebody waits for it.
    ///   - now: The time.
    /// - Returns: Whether it may be loaded, who has to go first, or that it has to wait.
    func room(
        for model: ModelID,
        _ estimate: LoadEstimate,
        since start: CacheInstant,
        now: CacheInstant
    ) -> Room {
        let footprint = estimate.footprint
        let limit = limit
        // A model that is loaded again with more context returns what it holds first.
        let others = slots[model] == nil ? ledger : ledger(without: model)
        if (others.reserved + others.adding(footprint)).fits(in: limit) { return .free }
        var need = EvictionNeed(
            candidates: [],
            incoming: footprint,
            ledger: staying(besides: model),
            limit: limit
        )
        // What is already leaving is enough: evict nothing more.
        if need.shortfall(in: need.ledger) == .zero { return .wait }
        let mayGo = candidates(now: now) { !isFresh($0, now: now) }.filter { $0.model != model }
        let idle = mayGo.filter { $0.leases == 0 }
        // What was loaded for a hint that did not come true goes before all that was used.
        need.candidates = idle.filter { isStalePrefetch($0.model, now: now) }
        if let victims = sufficientVictims(for: need, now: now) { return .evict(victims) }
        need.candidates = idle
        if let victims = sufficientVictims(for: need, now: now) { return .evict(victims) }
        guard now >= start.advanced(by: configuration.agingBound) else { return .wait }
        need.candidates = mayGo
        return sufficientVictims(for: need, now: now).map(Room.evict) ?? .wait
    }

    /// The reservations that are not about to be returned, those of `own` among these.
    func staying(besides own: ModelID? = nil) -> Ledger<ModelID> {
        var staying = ledger
        for (model, slot) in slots where model == own || isLeaving(model, slot) {
            staying.release(model)
        }
        return staying
    }

    private func isLeaving(_ model: ModelID, _ slot: Slot) -> Bool {
        switch slot.state {
        case .unloading: true
        case .resident: slot.draining != nil
        case .loading(_, let isCancelled): isCancelled && !isAwaited(model)
        }
    }

    /// The policy's victims if they are enough; a set that is not enough would be
    /// thrown away for nothing.
    func sufficientVictims(for need: EvictionNeed, now: CacheInstant) -> [EvictionVictim]? {
        guard !need.candidates.isEmpty else { return nil }
        let victims = policy.victims(for: need, at: now)
        var ledger = need.ledger
        for victim in victims { ledger.release(victim.model) }
        return need.shortfall(in: ledger) == .zero ? victims : nil
    }

    /// Models that may be evicted, sorted by identifier.
    func candidates(now: CacheInstant, where isChosen: (Slot) -> Bool) -> [EvictionCandidate] {
        slots.compactMap { model, slot in
            guard slot.state == .resident, slot.draining == nil, !pins.contains(model),
                isChosen(slot)
            else { return nil }
            return candidate(model, slot)
        }
        .sorted { $0.model < $1.model }
    }

    func candidate(_ model: ModelID, _ slot: Slot) -> EvictionCandidate {
        let storage = storages[model]
        return EvictionCandidate(
            model: model,
            lastUsed: slot.lastUsed,
            residentSince: slot.since,
            leases: slot.leases,
            isCached: storage?.isCached ?? false,
            storage: storage?.name ?? "",
            conversationSeconds: slot.conversationSeconds,
            expectedLoadSeconds: loadTime(of: model, slot.estimate) / .seconds(1)
        )
    }

    // MARK: Minimum residency

    /// When a model that was loaded lately may be evicted for another; `nil` if at any time.
    ///
    /// It is protected as long as its load took, or the aging bound if that is less, and while
    /// it is leased or was not idle for a quarter of that.
    func freshUntil(_ slot: Slot) -> CacheInstant? {
        guard slot.state == .resident, !slot.prefetch.isUnused else { return nil }
        let span = min(slot.loadTime * configuration.minimumResidency, configuration.agingBound)
        guard span > .zero else { return nil }
        let end = slot.since.advanced(by: span)
        return slot.leases > 0 ? end : min(end, slot.lastUsed.advanced(by: span / 4))
    }

    func isFresh(_ slot: Slot, now: CacheInstant) -> Bool {
        freshUntil(slot).map { $0 > now } ?? false
    }

    /// What bringing a model back costs, in seconds.
    func reloadSeconds(of model: ModelID, _ estimate: LoadEstimate) -> Double {
        let storage = storages[model]
        let candidate = EvictionCandidate(
            model: model,
            lastUsed: .start,
            residentSince: .start,
            isCached: storage?.isCached ?? false,
            storage: storage?.name ?? ""
        )
        return policy.reloadSeconds(of: candidate, bytes: estimate.footprint.total.total)
            ?? loadTime(of: model, estimate) / .seconds(1)
    }
}
