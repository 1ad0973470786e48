import CorralMemory

/// Why models leave: for the room of others, after idling, on request, at the end.
extension CacheStateMachine {
    /// Has these models leave to make room for `model`.
    mutating func evict(
        _ victims: [EvictionVictim],
        for model: ModelID?,
        now: CacheInstant
    ) -> [Action] {
        victims.flatMap { victim in
            evictedAt[victim.model] = now
            records[victim.model, default: ModelRecord()].evictions += 1
            return beginLeaving(
                victim.model,
                because: .evicted(for: model, because: victim.reason),
                now: now
            )
        }
    }

    /// Evicts until what is reserved fits the budget again, as far as idle models go.
    mutating func evictExcess(now: CacheInstant) -> [Action] {
        guard !ledger.reserved.fits(in: budget) else { return [] }
        // A draining model may be leased for long yet, and the memory is overdrawn now.
        var staying = ledger
        for (model, slot) in slots where slot.state == .unloading { staying.release(model) }
        let need = EvictionNeed(
            candidates: candidates(now: now) { $0.leases == 0 },
            incoming: nil,
            ledger: staying,
            limit: budget
        )
        let victims = policy.victims(for: need, at: now)
        noteDecision(.evicted, for: nil, victims: victims, now: now)
        return evict(victims, for: nil, now: now)
    }

    /// Unloads a resident model now, or when its last lease ends.
    mutating func beginLeaving(
        _ model: ModelID,
        because reason: UnloadReason,
        now: CacheInstant
    ) -> [Action] {
        guard let slot = slots[model], slot.state == .resident else { return [] }
        guard slot.leases == 0 else {
            // A drain that may be called off gives way to one that was asked for.
            guard slot.draining == nil || reason == .requested else { return [] }
            let isNews = slot.draining != reason
            slots[model]?.draining = reason
            guard isNews else { return [] }
            return [.emit(CacheEvent(time: now, model: model, kind: .draining(reason)))]
        }
        slots[model]?.state = .unloading
        return [
            .emit(CacheEvent(time: now, model: model, kind: .unloadStarted(reason))),
            .unload(model, slot.residency),
        ]
    }

    /// Calls off the drains of models that were to make room for a request which is gone, that are
    /// pinned now, or that were to come back with a context nobody waits for any more.
    mutating func cancelNeedlessDrains(now: CacheInstant) -> [Action] {
        var staying: [ModelID] = []
        for (model, slot) in slots where slot.state == .resident {
            switch slot.draining {
            case .evicted(let incoming?, _):
                if pins.contains(model) || !isAwaited(incoming) { staying.append(model) }
            case .reloadedWithMoreContext:
                // Where more is held than the budget allows, the model goes all the same.
                if !isAwaited(model, withMoreThan: slot.estimate.contextTokens),
                    ledger.reserved.fits(in: budget)
                {
                    staying.append(model)
                }
            default: break
            }
        }
        return staying.sorted().map { model in
            slots[model]?.draining = nil
            return .emit(CacheEvent(time: now, model: model, kind: .drainCancelled))
        }
    }

    /// Unloads the models that have drained or were idle for too long; all idle ones once the cache
    /// shuts down.
    mutating func expireIdle(now: CacheInstant) -> [Action] {
        var leaving: [(ModelID, UnloadReason)] = []
        for (model, slot) in slots where slot.state == .resident && slot.leases == 0 {
            if lifecycle != .running {
                leaving.append((model, .shutdown))
            } else if let reason = slot.draining {
                leaving.append((model, reason))
            } else if let limit = slot.idleLimit, !pins.contains(model),
                slot.lastUsed.advanced(by: limit) <= now
            {
                leaving.append((model, .idle))
            }
        }
        return leaving.sorted { $0.0 < $1.0 }
            .flatMap { model, reason in
                if reason == .idle { noteExpiry(of: model, now: now) }
                return beginLeaving(model, because: reason, now: now)
            }
    }

    /// Which models somebody asks to unload.
    package enum EvictionScope {
        /// The models that satisfy this, leased ones as soon as they are idle.
        case matching((ModelID) -> Bool)
        /// Unpinned models that have been idle for at least this long.
        case idle(atLeast: Duration)
    }

    /// Unloads models on request: idle ones now, leased ones when they fall idle.
    package mutating func evictionRequested(
        _ scope: EvictionScope,
        now: CacheInstant
    ) -> (models: [ModelID], [Action]) {
        var chosen: [ModelID] = []
        for (model, slot) in slots where slot.state != .unloading {
            switch scope {
            case .matching(let isChosen):
                if isChosen(model) { chosen.append(model) }
            case .idle(let duration):
                if slot.state == .resident, slot.leases == 0, !pins.contains(model),
                    now.duration(since: slot.lastUsed) >= duration
                {
                    chosen.append(model)
                }
            }
        }
        chosen.sort()
        var actions: [Action] = []
        for model in chosen {
            if slots[model]?.isLoading == true {
                // It leaves as soon as it is idle: the requests that wait for it are served first.
                slots[model]?.keepAlive = .idle(.zero)
            } else {
                actions += beginLeaving(model, because: .requested, now: now)
            }
        }
        return (chosen, actions + serveQueue(now: now))
    }

    /// Pins or unpins a model, resident or not.
    package mutating func pinChanged(
        _ model: ModelID,
        to isPinned: Bool,
        now: CacheInstant
    ) -> [Action] {
        guard pins.contains(model) != isPinned else { return [] }
        if isPinned { pins.insert(model) } else { pins.remove(model) }
        let event = CacheEvent(time: now, model: model, kind: .pinChanged(isPinned))
        return [.emit(event)] + serveQueue(now: now)
    }

    /// Begins the shutdown: requests that wait are refused, leases may be used to the end.
    package mutating func shutdownRequested(now: CacheInstant) -> [Action] {
        guard lifecycle == .running else { return [] }
        lifecycle = .shuttingDown
        let waiting = queue
        queue = []
        hints = []
        let error = ModelCacheError(
            .shuttingDown,
            message: "Corral is shutting down and takes no new requests."
        )
        let event = CacheEvent(time: now, kind: .shutdownStarted)
        return [.emit(event)] + fail(waiting, with: error, now: now) + serveQueue(now: now)
    }

    /// Ends the leases' time of grace: their models are unloaded under them.
    package mutating func shutdownDeadlinePassed(now: CacheInstant) -> [Action] {
        guard lifecycle == .shuttingDown else { return [] }
        let leased = slots.filter { $0.value.state == .resident }.keys.sorted()
        var actions: [Action] = []
        for model in leased {
            slots[model]?.leases = 0
            // A lease that is given back later belongs to no stay any more.
            for (id, lease) in held where lease.model == model { held[id]?.residency = nil }
            actions += beginLeaving(model, because: .shutdown, now: now)
        }
        return actions + serveQueue(now: now)
    }
}
