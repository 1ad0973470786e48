import CorralMemory

/// Who of those that wait may go on, and what has to happen for the others.
extension CacheStateMachine {
    /// Grants, loads and evicts until nothing more can be decided.
    mutating func serveQueue(now: CacheInstant) -> [Action] {
        var actions = failHopeless(now: now)
        var memoryIsSpokenFor = false
        // A model whose drain is called off may be lent again to those that wait for it.
        var calledOff = cancelNeedlessDrains(now: now)
        repeat {
            actions += calledOff
            actions += serveInOrder(memoryIsSpokenFor: &memoryIsSpokenFor, now: now)
            calledOff = cancelNeedlessDrains(now: now)
        } while !calledOff.isEmpty
        actions += cancelAbandonedLoads(now: now)
        actions += expireIdle(now: now)
        actions += serveHints(now: now)
        actions += measurePressure(now: now)
        actions += scheduleAlarm(pollsHost: memoryIsSpokenFor, now: now)
        if lifecycle == .shuttingDown, slots.isEmpty {
            lifecycle = .shutDown
            actions += [.emit(CacheEvent(time: now, kind: .shutdownFinished)), .finish]
        }
        return actions
    }

    /// Grants what can be granted, and has memory made for the first request that waits for it,
    /// which holds back later loads.
    private mutating func serveInOrder(
        memoryIsSpokenFor: inout Bool,
        now: CacheInstant
    ) -> [Action] {
        var actions: [Action] = []
        var stillWaiting: [LeaseID] = []
        memoryIsSpokenFor = false
        let waiting = queue
        for id in waiting {
            guard let request = requests[id] else {
                preconditionFailure("an unknown request is queued")
            }
            if slots[request.model]?.canServe(request.minimumContext) == true {
                actions += grant(id, request, now: now)
                continue
            }
            if !memoryIsSpokenFor, waitsForMemory(id) {
                actions += makeRoom(for: id, request, now: now)
                memoryIsSpokenFor = waitsForMemory(id)
            }
            stillWaiting.append(id)
        }
        queue = stillWaiting
        return actions
    }

    /// Refuses those who waited as long as they may, and those who cannot be served any more.
    private mutating func failHopeless(now: CacheInstant) -> [Action] {
        var failed: [(LeaseID, ModelCacheError)] = []
        for id in queue {
            guard let request = requests[id] else { continue }
            if let deadline = request.deadline, deadline <= now {
                failed.append((id, timedOut(request, now: now)))
            } else if slots[request.model] == nil, let failure = failures[request.model],
                failure.until > now
            {
                failed.append((id, loadFailedError(request.model, failure, now: now)))
            } else if !isServed(request.model, request.minimumContext),
                let error = infeasibility(of: request.estimate, for: request.model)
            {
                failed.append((id, error))
            }
        }
        guard !failed.isEmpty else { return [] }
        let ids = Set(failed.map(\.0))
        queue.removeAll(where: ids.contains)
        return failed.flatMap { id, error in fail([id], with: error, now: now) }
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

    /// Loads for the first request that waits for memory, or does what it takes to.
    ///
    /// A model that has too little context leaves only once there is room for it with more.
    private mutating func makeRoom(
        for id: LeaseID,
        _ request: Request,
        now: CacheInstant
    ) -> [Action] {
        var actions: [Action] = []
        var room = room(for: request.model, request.estimate, since: request.requestedAt, now: now)
        actions += cancelPrefetches(all: room != .free, now: now)
        if !actions.isEmpty, room != .free {
            room = self.room(
                for: request.model,
                request.estimate,
                since: request.requestedAt,
                now: now
            )
        }
        let hasTooLittleContext = slots[request.model] != nil
        switch room {
        case .free where hasTooLittleContext, .evict where hasTooLittleContext:
            actions += beginLeaving(
                request.model,
                because: .reloadedWithMoreContext,
                now: now
            )
        case .free:
            actions += startLoad(
                of: request.model,
                request.estimate,
                keepAlive: request.keepAlive,
                for: id,
                now: now
            )
        case .evict(let victims):
            noteDecision(.evicted, for: request, victims: victims, now: now)
            actions += evict(victims, for: request.model, now: now)
        case .wait:
            if !request.wasKept {
                requests[id]?.wasKept = true
                noteDecision(.kept, for: request, victims: [], now: now)
            }
        }
        return actions
    }

    /// Reserves a model's memory and has it loaded.
    mutating func startLoad(
        of model: ModelID,
        _ estimate: LoadEstimate,
        keepAlive: KeepAlive?,
        for id: LeaseID?,
        now: CacheInstant
    ) -> [Action] {
        nextResidency += 1
        let residency = Residency(rawValue: nextResidency)
        slots[model] = Slot(
            residency: residency,
            state: .loading(progress: 0, isCancelled: false),
            estimate: estimate,
            lastUsed: now,
            since: now,
            keepAlive: keepAlive ?? configuration.keepAlive,
            loadTime: loadTime(of: model, estimate)
        )
        ledger.reserve(estimate.footprint, for: model)
        let event = CacheEvent(
            time: now,
            model: model,
            kind: .loadStarted(planned: estimate.footprint)
        )
        return [.emit(event), .load(model, residency, for: id)]
    }

    /// A request that timed out may have been the last that wanted a load.
    private mutating func cancelAbandonedLoads(now: CacheInstant) -> [Action] {
        let loading = slots.filter { $0.value.isLoading }.keys.sorted()
        return loading.flatMap { cancelUnwantedLoad(of: $0, now: now) }
    }

    // MARK: Alarm

    /// Asks to be woken for the nearest thing that time alone will bring about.
    private mutating func scheduleAlarm(pollsHost: Bool, now: CacheInstant) -> [Action] {
        var next: CacheInstant?
        // What is due already, such as a pinned model's idle limit, must not hide the rest.
        func consider(_ instant: CacheInstant) {
            if instant > now { next = min(next ?? instant, instant) }
        }
        for slot in slots.values where slot.state == .resident && slot.leases == 0 {
            if slot.draining == nil, let limit = slot.idleLimit {
                consider(slot.lastUsed.advanced(by: limit))
            }
            if pollsHost, let end = freshUntil(slot) { consider(end) }
        }
        for id in queue {
            guard let request = requests[id] else { continue }
            if let deadline = request.deadline { consider(deadline) }
            consider(request.requestedAt.advanced(by: configuration.agingBound))
        }
        if pollsHost { consider(now.advanced(by: configuration.hostPollInterval)) }
        if configuration.givesMemoryBack, lifecycle == .running, !slots.isEmpty {
            consider(now.advanced(by: Self.pressurePollInterval))
        }
        if meter.pressure(at: now).isOversubscribed {
            consider(now.advanced(by: Self.pressurePollInterval))
        }
        return next.map { wake(at: $0) } ?? []
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
