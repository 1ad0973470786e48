import CorralMemory

/// How much of the time goes into loading, and giving memory back.
extension CacheStateMachine {
    /// How often the host's memory is read for the sake of other programs, and how often an
    /// oversubscribed cache looks whether it still is.
    static var pressurePollInterval: Duration { .seconds(5) }

    /// Loading a model again that was evicted less than this ago counts as churn.
    private static var churnWindow: Duration { .seconds(600) }

    /// How long giving one model back is given to show in the host's pressure, which is an
    /// average over ten seconds.
    private static var pressurePause: Duration { .seconds(10) }

    /// Notes what is being loaded for requests.
    mutating func measurePressure(now: CacheInstant) -> [Action] {
        var (isLoading, isReloading) = (false, false)
        for (model, slot) in slots where slot.isLoading && !slot.prefetch.isUnused {
            isLoading = true
            // Reckoned from the start of the load: it may take longer than the window.
            if let evicted = evictedAt[model],
                slot.since.duration(since: evicted) < Self.churnWindow
            {
                isReloading = true
            }
        }
        let changed = meter.note(isLoading: isLoading, isReloading: isReloading, at: now)
        return changed.map { pressure in
            [.emit(CacheEvent(time: now, kind: .oversubscriptionChanged(pressure)))]
        } ?? []
    }

    /// Unloads idle models, those worth least first, when other programs need their memory.
    mutating func giveBack(pressure: Double?, now: CacheInstant) -> [Action] {
        guard configuration.givesMemoryBack, lifecycle == .running else { return [] }
        let idle = candidates(now: now) { $0.leases == 0 }
        guard !idle.isEmpty else { return [] }
        let need = EvictionNeed(candidates: idle, incoming: nil, ledger: staying(), limit: limit)
        var victims = policy.victims(for: need, at: now)
        if victims.isEmpty {
            guard let pressure, pressure > configuration.pressureLimit,
                gaveBackAt.map({ now >= $0.advanced(by: Self.pressurePause) }) ?? true
            else { return [] }
            victims = [leastWorth(of: need, now: now)].compactMap(\.self)
        }
        guard !victims.isEmpty else { return [] }
        gaveBackAt = now
        noteDecision(.gaveBack, for: nil, victims: victims, now: now)
        return victims.flatMap { victim in
            beginLeaving(victim.model, because: .pressure(because: victim.reason), now: now)
        }
    }

    private func leastWorth(of need: EvictionNeed, now: CacheInstant) -> EvictionVictim? {
        let scores = policy.scores(of: need, at: now)
        let least = zip(need.candidates, scores).min {
            ($0.1.value, $0.0.lastUsed, $0.0.model) < ($1.1.value, $1.0.lastUsed, $1.0.model)
        }
        return least.map { candidate, score in
            EvictionVictim(
                model: candidate.model,
                reason: EvictionReason(
                    score.secondsToNextUse == nil ? .leastRecentlyUsed : .leastWorthKeeping,
                    idleSeconds: now.duration(since: candidate.lastUsed) / .seconds(1),
                    reloadSeconds: score.reloadSeconds,
                    secondsToNextUse: score.secondsToNextUse ?? 0,
                    bytes: need.ledger.footprint(of: candidate.model)?.total.total ?? .zero
                )
            )
        }
    }
}
