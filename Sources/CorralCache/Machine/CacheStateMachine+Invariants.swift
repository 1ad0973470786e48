import CorralMemory

extension CacheStateMachine {
    /// The first way in which the tables disagree with each other or with a law;
    /// the oracle asks after every event.
    package func brokenInvariant() -> String? {
        brokenQueue() ?? brokenSlots() ?? brokenLaws()
    }

    /// Whether a request was answered, though perhaps its caller does not know yet.
    package func isSettled(_ id: LeaseID) -> Bool {
        switch requests[id]?.state {
        case .requested, .waiting: false
        case .cancelled, .failed, nil: true
        }
    }

    /// The stay of its model that a lease was granted in, while that lasts.
    package func grantedResidency(of id: LeaseID) -> Residency? {
        guard let lease = held[id], isCurrent(lease) else { return nil }
        return lease.residency
    }

    private func brokenQueue() -> String? {
        var queued: Set<LeaseID> = []
        for id in queue {
            guard queued.insert(id).inserted else { return "a request is queued twice" }
            if isSettled(id) { return "a settled request is queued" }
            if held[id] != nil { return "a granted request is queued" }
        }
        for id in requests.keys where !isSettled(id) && !queued.contains(id) {
            return "a waiting request is not queued"
        }
        return nil
    }

    private func brokenSlots() -> String? {
        var leases: [Residency: Int] = [:]
        for lease in held.values {
            if let residency = lease.residency { leases[residency, default: 0] += 1 }
        }
        for (model, slot) in slots {
            if slot.leases != leases[slot.residency, default: 0] {
                return "lease count of \(model)"
            }
            if slot.state != .resident, slot.leases > 0 { return "a lease on what is not resident" }
            if ledger.footprint(of: model) == nil { return "a model without a reservation" }
            if slot.state == .resident, slot.draining != nil, slot.leases == 0 {
                return "drained but resident"
            }
        }
        return nil
    }

    private func brokenLaws() -> String? {
        // A fresh model becomes old by itself, if somebody wakes the machine then.
        let someoneActs = slots.values.contains { slot in
            slot.state != .resident || slot.leases > 0 || (alarm != nil && freshUntil(slot) != nil)
        }
        if !queue.isEmpty, !someoneActs { return "somebody waits for nothing (law 9)" }
        if queue.count > configuration.queueLimit { return "the queue is over its limit (law 7)" }
        if lifecycle != .running, !queue.isEmpty { return "somebody waits for a cache that ends" }
        return nil
    }
}
