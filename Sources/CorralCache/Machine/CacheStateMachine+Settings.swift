package import CorralMemory

/// The settings that can be changed while the cache lives.
extension CacheStateMachine {
    /// Changes what may be reserved in each domain.
    ///
    /// Where models hold more than that, those worth least leave: idle ones now, leased ones when
    /// their last lease ends. Requests that can never be served any more are refused.
    package mutating func budgetChanged(to budget: DomainBytes, now: CacheInstant) -> [Action] {
        guard budget != self.budget else { return [] }
        self.budget = budget
        policy.budgetSet(to: budget)
        var actions: [Action] = []
        if !ledger.reserved.fits(in: budget) {
            var staying = ledger
            for (model, slot) in slots where slot.state == .unloading || slot.draining != nil {
                staying.release(model)
            }
            let need = EvictionNeed(
                candidates: candidates(now: now) { _ in true },
                incoming: nil,
                ledger: staying,
                limit: budget
            )
            let victims = policy.victims(for: need, at: now)
            noteDecision(.evicted, for: nil, victims: victims, now: now)
            actions = evict(victims, for: nil, now: now)
        }
        return actions + serveQueue(now: now)
    }

    /// Changes how long models stay idle for which nobody chose another time: those in memory
    /// that have the default of before, and all that come later.
    package mutating func defaultKeepAliveChanged(
        to keepAlive: KeepAlive,
        now: CacheInstant
    ) -> [Action] {
        let before = configuration.keepAlive
        guard keepAlive != before else { return [] }
        configuration.keepAlive = keepAlive
        for model in slots.keys where slots[model]?.keepAlive == before {
            slots[model]?.keepAlive = keepAlive
        }
        return serveQueue(now: now)
    }
}
