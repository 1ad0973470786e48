import CorralMemory

/// Who of those that wait may go on, and what has to happen for the others.
extension CacheStateMachine {
    /// Grants, loads and evicts until nothing more can be decided.
    mutating func serveQueue(now: CacheInstant) -> [Action] {
        var actions: [Action] = []
        var stillWaiting: [LeaseID] = []
        // The first request that waits for memory holds back later loads.
        var memoryIsSpokenFor = false
        let waiting = queue
        for id in waiting {
            guard let request = requests[id] else {
                preconditionFailure("an unknown request is queued")
            }
            if let deadline = request.deadline, deadline <= now {
                actions += fail([id], with: timedOut(request, now: now), now: now)
                continue
            }
            if let slot = slots[request.model] {
                if slot.canServe(request.minimumContext) {
                    actions += grant(id, request, now: now)
                    continue
                }
                if slot.state == .resident, slot.draining == nil {
                    actions += beginLeaving(
                        request.model,
                        because: .reloadedWithMoreContext,
                        now: now
                    )
                }
            } else if let failure = failures[request.model], failure.until > now {
                actions += fail(
                    [id],
                    with: loadFailedError(request.model, failure, now: now),
                    now: now
                )
                continue
            } else if let error = infeasibility(of: request.estimate, for: request.model) {
                actions += fail([id], with: error, now: now)
                continue
            } else if !memoryIsSpokenFor {
                switch room(for: request, now: now) {
                case .free:
                    actions += startLoad(id, request, now: now)
                case .evict(let victims):
                    actions += evict(victims, for: request.model, now: now)
                    memoryIsSpokenFor = true
                case .wait:
                    memoryIsSpokenFor = true
                }
            }
            stillWaiting.append(id)
        }
        queue = stillWaiting
        actions += cancelAbandonedLoads(now: now)
        actions += cancelNeedlessDrains(now: now)
        actions += expireIdle(now: now)
        actions += scheduleAlarm(pollsHost: memoryIsSpokenFor, now: now)
        if lifecycle == .shuttingDown, slots.isEmpty {
            lifecycle = .shutDown
            actions += [.emit(CacheEvent(time: now, kind: .shutdownFinished)), .finish]
        }
        return actions
    }

    private mutating func grant(_ id: LeaseID, _ request: Request, now: CacheInstant) -> [Action] {
        guard let index = slots.index(forKey: request.model) else {
            preconditionFailure("granted a request on a model that is not resident")
        }
        slots.values[index].leases += 1
        slots.values[index].lastUsed = now
        if let keepAlive = request.keepAlive { slots.values[index].keepAlive = keepAlive }
        requests[id] = nil
        held[id] = Held(model: request.model, residency: slots.values[index].residency, since: now)
        records[request.model, default: ModelRecord()].leasesGranted += 1
        let waited = now.duration(since: request.requestedAt)
        let event = CacheEvent(
            time: now,
            model: request.model,
            kind: .leaseGranted(hit: false, waited: waited)
        )
        guard case .waiting(let waiter) = request.state else { return [.emit(event)] }
        return [.emit(event), .resume(waiter, with: .success(()))]
    }

    private mutating func startLoad(
        _ id: LeaseID,
        _ request: Request,
        now: CacheInstant
    ) -> [Action] {
        nextResidency += 1
        let residency = Residency(rawValue: nextResidency)
        slots[request.model] = Slot(
            residency: residency,
            state: .loading(progress: 0, isCancelled: false),
            estimate: request.estimate,
            lastUsed: now,
            since: now,
            keepAlive: request.keepAlive ?? configuration.keepAlive
        )
        ledger.reserve(request.estimate.footprint, for: request.model)
        let event = CacheEvent(
            time: now,
            model: request.model,
            kind: .loadStarted(planned: request.estimate.footprint)
        )
        return [.emit(event), .load(request.model, residency, for: id)]
    }

    /// A request that timed out may have been the last that wanted a load.
    private mutating func cancelAbandonedLoads(now: CacheInstant) -> [Action] {
        let loading = slots.filter { $0.value.isLoading }.keys.sorted()
        return loading.flatMap { cancelUnwantedLoad(of: $0, now: now) }
    }

    // MARK: Room

    enum Room {
        case free
        case evict([EvictionVictim])
        case wait
    }

    /// Decides how `request`, which can have its memory, gets it.
    private func room(for request: Request, now: CacheInstant) -> Room {
        let footprint = request.estimate.footprint
        let limit = limit
        if (ledger.reserved + ledger.adding(footprint)).fits(in: limit) { return .free }
        var staying = ledger
        for (model, slot) in slots where slot.state == .unloading || slot.draining != nil {
            staying.release(model)
        }
        let idle = candidates(includingLeased: false)
        var need = EvictionNeed(
            candidates: idle,
            incoming: footprint,
            ledger: staying,
            limit: limit
        )
        // What is already leaving is enough: evict nothing more.
        if need.shortfall(in: staying) == .zero { return .wait }
        if let victims = sufficientVictims(for: need, now: now) { return .evict(victims) }
        guard now >= request.requestedAt.advanced(by: configuration.agingBound) else {
            return .wait
        }
        need.candidates = candidates(includingLeased: true)
        return sufficientVictims(for: need, now: now).map(Room.evict) ?? .wait
    }

    /// The policy's victims if they are enough; a set that is not enough would be
    /// thrown away for nothing.
    private func sufficientVictims(for need: EvictionNeed, now: CacheInstant) -> [EvictionVictim]? {
        let victims = policy.victims(for: need, at: now)
        var ledger = need.ledger
        for victim in victims { ledger.release(victim.model) }
        return need.shortfall(in: ledger) == .zero ? victims : nil
    }

    /// Models that may be evicted, sorted by identifier.
    func candidates(includingLeased: Bool) -> [EvictionCandidate] {
        slots.compactMap { model, slot in
            guard slot.state == .resident, slot.draining == nil, !pins.contains(model),
                includingLeased || slot.leases == 0
            else { return nil }
            return EvictionCandidate(
                model: model,
                lastUsed: slot.lastUsed,
                residentSince: slot.since,
                leases: slot.leases
            )
        }
        .sorted { $0.model < $1.model }
    }

    // MARK: Alarm

    /// Asks to be woken for the nearest thing that time alone will bring about.
    private mutating func scheduleAlarm(pollsHost: Bool, now: CacheInstant) -> [Action] {
        var next: CacheInstant?
        func consider(_ instant: CacheInstant) { next = min(next ?? instant, instant) }
        for slot in slots.values where slot.state == .resident && slot.leases == 0 {
            if case .idle(let limit) = slot.keepAlive, slot.draining == nil {
                consider(slot.lastUsed.advanced(by: limit))
            }
        }
        for id in queue {
            guard let request = requests[id] else { continue }
            if let deadline = request.deadline { consider(deadline) }
            let aged = request.requestedAt.advanced(by: configuration.agingBound)
            if aged > now { consider(aged) }
        }
        if pollsHost { consider(now.advanced(by: configuration.hostPollInterval)) }
        guard let next, next > now else { return [] }
        return wake(at: next)
    }

    mutating func wake(at instant: CacheInstant) -> [Action] {
        if let alarm, alarm <= instant { return [] }
        alarm = instant
        return [.wake(at: instant)]
    }

    /// Notes that time has passed; an alarm that a nearer one replaced is ignored.
    package mutating func alarmFired(_ scheduled: CacheInstant, now: CacheInstant) -> [Action] {
        guard scheduled == alarm else { return [] }
        alarm = nil
        return serveQueue(now: now)
    }
}
