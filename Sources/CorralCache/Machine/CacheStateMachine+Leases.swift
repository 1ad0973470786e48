import CorralMemory

/// Requests, waiting, and giving back.
extension CacheStateMachine {
    /// Grants a lease at once if `model` is resident and offers enough context.
    ///
    /// The whole cost of a hit; it neither plans nor touches the queue.
    package mutating func residentLeaseRequested(
        for model: ModelID,
        minimumContext: Int,
        keepAlive: KeepAlive?,
        now: CacheInstant
    ) -> (LeaseID, CacheEvent)? {
        guard lifecycle == .running,
            let index = slots.index(forKey: model),
            slots.values[index].canServe(minimumContext)
        else { return nil }
        slots.values[index].leases += 1
        slots.values[index].lastUsed = now
        if let keepAlive { slots.values[index].keepAlive = keepAlive }
        policy.modelRequested(model, at: now)
        let id = newLeaseID()
        leases[id] = Lease(
            model: model,
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            estimate: slots.values[index].estimate,
            requestedAt: now,
            state: .held,
            residency: slots.values[index].residency,
            grantedAt: now
        )
        records[model, default: ModelRecord()].leasesGranted += 1
        records[model, default: ModelRecord()].hits += 1
        return (
            id, CacheEvent(time: now, model: model, kind: .leaseGranted(hit: true, waited: .zero))
        )
    }

    /// Grants, queues or refuses a request whose plan is known.
    package mutating func leaseRequested(
        for model: ModelID,
        estimate: LoadEstimate,
        minimumContext: Int = 0,
        keepAlive: KeepAlive? = nil,
        maximumWait: Duration? = nil,
        now: CacheInstant
    ) -> (LeaseID, Admission, [Action]) {
        if let (id, event) = residentLeaseRequested(
            for: model,
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            now: now
        ) {
            return (id, .granted, [.emit(event)])
        }
        let id = newLeaseID()
        if let refusal = refusal(for: model, estimate: estimate, now: now) {
            records[model, default: ModelRecord()].refusals += 1
            let event = CacheEvent(time: now, model: model, kind: .requestRefused(refusal))
            return (id, .refused(refusal), [.emit(event)])
        }
        policy.modelRequested(model, at: now)
        let patience = maximumWait ?? configuration.maximumWait
        leases[id] = Lease(
            model: model,
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            estimate: estimate,
            requestedAt: now,
            deadline: patience.map(now.advanced(by:)),
            state: .requested
        )
        queue.append(id)
        let event = CacheEvent(time: now, model: model, kind: .requestQueued(waiting: queue.count))
        return (id, .queued, [.emit(event)] + serveQueue(now: now))
    }

    /// Notes that the caller of a queued request has suspended.
    package mutating func leaseAwaited(_ id: LeaseID, by waiter: Waiter) -> [Action] {
        guard var lease = leases[id] else { preconditionFailure("an unknown lease was awaited") }
        switch lease.state {
        case .requested:
            lease.state = .waiting(waiter)
            leases[id] = lease
            return []
        case .held:
            if grantedResidency(of: id) == nil {
                leases[id] = nil
                return [.resume(waiter, with: .failure(.exited(lease.model)))]
            }
            return [.resume(waiter, with: .success(()))]
        case .cancelled:
            leases[id] = nil
            return [.resume(waiter, with: .failure(.cancelled(lease.model)))]
        case .failed(let error):
            leases[id] = nil
            return [.resume(waiter, with: .failure(error))]
        case .waiting:
            preconditionFailure("a lease was awaited twice")
        }
    }

    /// Takes a request back; one that was granted already stays granted, for its
    /// caller owns it.
    package mutating func leaseCancelled(_ id: LeaseID, now: CacheInstant) -> [Action] {
        guard let lease = leases[id] else { return [] }
        var actions: [Action] = []
        switch lease.state {
        case .requested:
            leases[id]?.state = .cancelled
        case .waiting(let waiter):
            leases[id] = nil
            actions.append(.resume(waiter, with: .failure(.cancelled(lease.model))))
        case .held, .cancelled, .failed:
            return []
        }
        queue.removeAll { $0 == id }
        actions += cancelUnwantedLoad(of: lease.model, now: now)
        return actions + serveQueue(now: now)
    }

    /// Takes a lease back.
    package mutating func leaseReleased(_ id: LeaseID, now: CacheInstant) -> [Action] {
        guard let lease = leases.removeValue(forKey: id), case .held = lease.state else {
            preconditionFailure("a lease was released that is not held")
        }
        let held = now.duration(since: lease.grantedAt ?? now)
        let event = CacheEvent(time: now, model: lease.model, kind: .leaseReleased(held: held))
        guard let index = slots.index(forKey: lease.model),
            slots.values[index].residency == lease.residency
        else {
            // The model ended under the lease; its memory was returned then.
            return [.emit(event)]
        }
        slots.values[index].leases -= 1
        slots.values[index].lastUsed = now
        var actions: [Action] = [.emit(event)]
        if slots.values[index].isFresh {
            slots.values[index].isFresh = false
            failures[lease.model] = nil
            actions.append(.measure(lease.model, slots.values[index].residency))
        }
        guard slots.values[index].leases == 0 else { return actions }
        let mustLeave = slots.values[index].draining != nil
        if queue.isEmpty, !mustLeave, lifecycle == .running {
            switch slots.values[index].keepAlive {
            case .untilEvicted: return actions
            case .idle(let limit) where limit > .zero:
                return actions + wake(at: now.advanced(by: limit))
            case .idle: break
            }
        }
        return actions + serveQueue(now: now)
    }

    /// Abandons a load that nobody waits for any more.
    mutating func cancelUnwantedLoad(of model: ModelID, now: CacheInstant) -> [Action] {
        guard let slot = slots[model], case .loading(let progress, false) = slot.state,
            !queue.contains(where: { leases[$0]?.model == model })
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
            guard let lease = leases[id] else { continue }
            records[lease.model, default: ModelRecord()].refusals += 1
            actions.append(
                .emit(CacheEvent(time: now, model: lease.model, kind: .requestRefused(error)))
            )
            switch lease.state {
            case .waiting(let waiter):
                leases[id] = nil
                actions.append(.resume(waiter, with: .failure(error)))
            case .requested:
                leases[id]?.state = .failed(error)
            case .cancelled, .failed, .held:
                preconditionFailure("a settled lease was in the queue")
            }
        }
        return actions
    }

    private mutating func newLeaseID() -> LeaseID {
        nextLease += 1
        return LeaseID(rawValue: nextLease)
    }
}

extension CacheStateMachine.Slot {
    /// Whether a new lease that needs `minimumContext` tokens may be granted.
    func canServe(_ minimumContext: Int) -> Bool {
        state == .resident && draining == nil && estimate.contextTokens >= minimumContext
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
