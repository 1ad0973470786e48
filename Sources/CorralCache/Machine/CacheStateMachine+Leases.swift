import CorralMemory

/// Requests, waiting, and giving back.
extension CacheStateMachine {
    /// Grants a lease at once if `model` is resident and offers enough context.
    ///
    /// The whole cost of a hit; it neither plans nor touches the queue, and leaves the event to
    /// whoever knows that somebody listens.
    package mutating func residentLeaseRequested(
        for model: ModelID,
        minimumContext: Int,
        keepAlive: KeepAlive?,
        priority: RequestPriority = .interactive,
        now: CacheInstant
    ) -> (LeaseID, beginsRun: Bool)? {
        guard lifecycle == .running, let index = slots.index(forKey: model),
            let residency = slots.values[index].hit(minimumContext, keepAlive, now: now)
        else { return nil }
        policy.modelRequested(model, priority: priority, at: now)
        let id = newLeaseID()
        held[id] = Held(model: model, residency: residency, since: now)
        return (id, noteTransition(to: model, now: now))
    }

    /// Grants, queues or refuses a request whose plan is known.
    package mutating func leaseRequested(
        for model: ModelID,
        estimate: LoadEstimate,
        minimumContext: Int = 0,
        keepAlive: KeepAlive? = nil,
        maximumWait: Duration? = nil,
        priority: RequestPriority = .interactive,
        now: CacheInstant
    ) -> (LeaseID, Admission, [Action]) {
        if let (id, beginsRun) = residentLeaseRequested(
            for: model,
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            priority: priority,
            now: now
        ) {
            let event = CacheEvent.hit(model, at: now)
            return (id, .granted, [.emit(event)] + (beginsRun ? predict(after: model) : []))
        }
        let id = newLeaseID()
        let patience = maximumWait ?? configuration.maximumWait
        if let refusal = refusal(
            for: model,
            estimate: estimate,
            minimumContext: minimumContext,
            patience: patience,
            now: now
        ) {
            noteRefusal(refusal, of: estimate, now: now)
            records[model, default: ModelRecord()].refusals += 1
            let event = CacheEvent(time: now, model: model, kind: .requestRefused(refusal))
            return (id, .refused(refusal), [.emit(event)])
        }
        policy.modelRequested(model, priority: priority, at: now)
        let beginsRun = noteTransition(to: model, now: now)
        let handicap = priority == .batch ? configuration.batchHandicap : .zero
        requests[id] = Request(
            model: model,
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            estimate: estimate,
            priority: priority,
            requestedAt: now,
            rank: now.advanced(by: handicap),
            deadline: patience.map(now.advanced(by:)),
            state: .requested
        )
        enqueue(id, rank: now.advanced(by: handicap))
        // Who asks for what is being loaded for a hint makes it a load like any other.
        if case .unused? = slots[model]?.prefetch { slots[model]?.prefetch = .used }
        let event = CacheEvent(time: now, model: model, kind: .requestQueued(waiting: queue.count))
        return (
            id, .queued,
            [.emit(event)] + serveQueue(now: now) + (beginsRun ? predict(after: model) : [])
        )
    }

    /// Puts a request behind those that rank the same or came before.
    private mutating func enqueue(_ id: LeaseID, rank: CacheInstant) {
        var place = queue.endIndex
        while place > 0, let other = requests[queue[place - 1]], other.rank > rank { place -= 1 }
        queue.insert(id, at: place)
    }

    /// Notes that the caller of a queued request has suspended.
    package mutating func leaseAwaited(_ id: LeaseID, by waiter: Waiter) -> [Action] {
        if let lease = held[id] {
            guard isCurrent(lease) else {
                held[id] = nil
                return [.resume(waiter, with: .failure(.exited(lease.model)))]
            }
            return [.resume(waiter, with: .success(()))]
        }
        guard let request = requests[id] else {
            preconditionFailure("an unknown lease was awaited")
        }
        switch request.state {
        case .requested:
            requests[id]?.state = .waiting(waiter)
            return []
        case .cancelled:
            requests[id] = nil
            return [.resume(waiter, with: .failure(.cancelled(request.model)))]
        case .failed(let error):
            requests[id] = nil
            return [.resume(waiter, with: .failure(error))]
        case .waiting:
            preconditionFailure("a lease was awaited twice")
        }
    }

    /// Takes a request back; one that was granted already stays granted, for its
    /// caller owns it.
    package mutating func leaseCancelled(_ id: LeaseID, now: CacheInstant) -> [Action] {
        guard let request = requests[id] else { return [] }
        var actions: [Action] = []
        switch request.state {
        case .requested:
            requests[id]?.state = .cancelled
        case .waiting(let waiter):
            requests[id] = nil
            actions.append(.resume(waiter, with: .failure(.cancelled(request.model))))
        case .cancelled, .failed:
            return []
        }
        queue.removeAll { $0 == id }
        records[request.model, default: ModelRecord()].refusals += 1
        let event = CacheEvent(
            time: now,
            model: request.model,
            kind: .requestRefused(.cancelled(request.model))
        )
        actions.append(.emit(event))
        actions += cancelUnwantedLoad(of: request.model, now: now)
        return actions + serveQueue(now: now)
    }

    /// Takes a lease back.
    package mutating func leaseReleased(_ id: LeaseID, now: CacheInstant) -> [Action] {
        let (lease, actions) = leaseTakenBack(id, now: now)
        return [.emit(.released(lease.model, since: lease.since, at: now))] + actions
    }

    /// Takes a lease back; allocates nothing where nothing follows.
    mutating func leaseTakenBack(_ id: LeaseID, now: CacheInstant) -> (Held, [Action]) {
        guard let lease = held.removeValue(forKey: id) else {
            preconditionFailure("a lease was released that is not held")
        }
        // A model that ended under the lease returned its memory then.
        guard let residency = lease.residency, let index = slots.index(forKey: lease.model),
            let release = slots.values[index].release(residency, now: now)
        else { return (lease, []) }
        var actions: [Action] = []
        if release.wasFirst {
            failures[lease.model] = nil
            actions.append(.measure(lease.model, residency))
        }
        guard release.isIdle else { return (lease, actions) }
        if queue.isEmpty, hints.isEmpty, !release.mustLeave, lifecycle == .running {
            guard let limit = release.idleLimit else { return (lease, actions) }
            if limit > .zero { return (lease, actions + wake(at: now.advanced(by: limit))) }
        }
        return (lease, actions + serveQueue(now: now))
    }

    /// Abandons a load that nobody waits for any more.
    mutating func cancelUnwantedLoad(of model: ModelID, now: CacheInstant) -> [Action] {
        guard let slot = slots[model], case .loading(let progress, false) = slot.state,
            !slot.prefetch.isUnused,
            !queue.contains(where: { requests[$0]?.model == model })
        else { return [] }
        slots[model]?.state = .loading(progress: progress, isCancelled: true)
        let event = CacheEvent(time: now, model: model, kind: .loadCancelled)
        return [.emit(event), .cancelLoad(model, slot.residency)]
    }

    /// Fails queued requests, now or when their callers suspend.
    mutating func fail(_ ids: [LeaseID], with error: ModelCacheError, now: CacheInstant) -> [Action]
    {
        var actions: [Action] = []
        for id in ids {
            guard let request = requests[id] else { continue }
            noteRefusal(error, of: request.estimate, now: now)
            records[request.model, default: ModelRecord()].refusals += 1
            actions.append(
                .emit(CacheEvent(time: now, model: request.model, kind: .requestRefused(error)))
            )
            switch request.state {
            case .waiting(let waiter):
                requests[id] = nil
                actions.append(.resume(waiter, with: .failure(error)))
            case .requested:
                requests[id]?.state = .failed(error)
            case .cancelled, .failed:
                preconditionFailure("a settled request was in the queue")
            }
        }
        return actions
    }

    /// Whether the model still is as it was when the lease was granted.
    func isCurrent(_ lease: Held) -> Bool {
        lease.residency != nil && slots[lease.model]?.residency == lease.residency
    }

    private mutating func newLeaseID() -> LeaseID {
        nextLease += 1
        return LeaseID(rawValue: nextLease)
    }
}

extension CacheStateMachine.Slot {
    /// Counts a lease granted at once, in one access; `nil` if it cannot be.
    fileprivate mutating func hit(
        _ minimumContext: Int,
        _ keepAlive: KeepAlive?,
        now: CacheInstant
    ) -> CacheStateMachine.Residency? {
        guard canServe(minimumContext) else { return nil }
        leases += 1
        hits += 1
        lastUsed = now
        if case .unused = prefetch { prefetch = .used }
        if let keepAlive { self.keepAlive = keepAlive }
        return residency
    }

    /// What there is to know of a lease given back.
    fileprivate struct Release {
        var wasFirst: Bool
        var isIdle: Bool
        var mustLeave: Bool
        /// How long the model may stay idle; `nil` until it is evicted.
        var idleLimit: Duration?
    }

    /// Counts a lease given back, in one access; `nil` if it was of another stay.
    fileprivate mutating func release(
        _ residency: CacheStateMachine.Residency,
        now: CacheInstant
    ) -> Release? {
        guard residency == self.residency else { return nil }
        leases -= 1
        lastUsed = now
        defer { isFresh = false }
        return Release(
            wasFirst: isFresh,
            isIdle: leases == 0,
            mustLeave: draining != nil,
            idleLimit: idleLimit
        )
    }

    /// Whether a new lease that needs `minimumContext` tokens may be granted.
    func canServe(_ minimumContext: Int) -> Bool {
        state == .resident && draining == nil && estimate.contextTokens >= minimumContext
    }
}

extension CacheEvent {
    /// A lease was granted at once.
    static func hit(_ model: ModelID, at now: CacheInstant) -> CacheEvent {
        CacheEvent(time: now, model: model, kind: .leaseGranted(hit: true, waited: .zero))
    }

    /// A lease was given back.
    static func released(
        _ model: ModelID,
        since: CacheInstant,
        at now: CacheInstant
    ) -> CacheEvent {
        CacheEvent(
            time: now,
            model: model,
            kind: .leaseReleased(held: now.duration(since: since))
        )
    }
}

extension ModelCacheError {
    static func cancelled(_ model: ModelID) -> ModelCacheError {
        ModelCacheError(
            .cancelled,
            model: model,
            message: "The request was cancelled while it waited."
        )
    }

    static func exited(_ model: ModelID) -> ModelCacheError {
        ModelCacheError(
            .modelExited,
            model: model,
            message: "The model ended as soon as it was loaded; try again."
        )
    }
}
