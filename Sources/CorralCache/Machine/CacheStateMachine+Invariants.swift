import CorralMemory

extension CacheStateMachine {
    /// The first way in which the tables disagree with each other or with a law;
    /// the oracle asks after every event.
    package func brokenInvariant() -> String? {
        brokenQueue() ?? brokenSlots() ?? brokenLaws()
    }

    /// Whether a request was answered, though perhaps its caller does not know yet.
    package func isSettled(_ id: LeaseID) -> Bool {
        switch leases[id]?.state {
        case .requested, .waiting: false
        case .cancelled, .failed, .held, nil: true
        }
    }

    /// The stay of its model that a lease was granted in, while that lasts.
    package func grantedResidency(of id: LeaseID) -> Residency? {
        guard let lease = leases[id], let residency = lease.residency,
            slots[lease.model]?.residency == residency
        else { return nil }
        return residency
    }

    private func brokenQueue() -> String? {
        var queued: Set<LeaseID> = []
        for id in queue {
            guard queued.insert(id).inserted else { return "a lease is queued twice" }
            switch leases[id]?.state {
            case .requested, .waiting: break
            default: return "a settled lease is queued"
            }
        }
        for (id, lease) in leases {
            switch lease.state {
            case .requested, .waiting:
                guard queued.contains(id) else { return "a waiting lease is not queued" }
            case .held, .cancelled, .failed: break
            }
        }
        return nil
    }

    private func brokenSlots() -> String? {
        var held: [Residency: Int] = [:]
        for lease in leases.values {
            if case .held = lease.state, let residency = lease.residency {
                held[residency, default: 0] += 1
            }
        }
        for (model, slot) in slots {
            if slot.leases != held[slot.residency, default: 0] { return "lease count of \(model)" }
            if slot.state != .resident, slot.leases > 0 { return "a lease on what is not resident" }
            if ledger.footprint(of: model) == nil { return "a model without a reservation" }
            if slot.state == .resident, slot.draining != nil, slot.leases == 0 {
                return "drained but resident"
            }
        }
        return nil
    }

    private func brokenLaws() -> String? {
        let someoneActs = slots.values.contains { $0.state != .resident || $0.leases > 0 }
        if !queue.isEmpty, !someoneActs { return "somebody waits for nothing (law 9)" }
        if queue.count > configuration.queueLimit { return "the queue is over its limit (law 7)" }
        if lifecycle != .running, !queue.isEmpty { return "somebody waits for a cache that ends" }
        return nil
    }
}
