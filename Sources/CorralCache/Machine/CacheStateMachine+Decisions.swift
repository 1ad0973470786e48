import CorralMemory

/// The records of decisions, and the ranks of the candidates.
extension CacheStateMachine {
    mutating func noteDecision(
        _ kind: DecisionRecord.Kind,
        for request: Request,
        victims: [EvictionVictim],
        now: CacheInstant
    ) {
        append(kind, request.model, request.estimate, victims.map(\.model), now: now)
    }

    mutating func noteDecision(
        _ kind: DecisionRecord.Kind,
        for hint: Hint,
        victims: [EvictionVictim],
        now: CacheInstant
    ) {
        append(kind, hint.model, hint.estimate, victims.map(\.model), now: now)
    }

    mutating func noteDecision(
        _ kind: DecisionRecord.Kind,
        for model: ModelID?,
        victims: [EvictionVictim],
        now: CacheInstant
    ) {
        guard !victims.isEmpty else { return }
        append(kind, model, nil, victims.map(\.model), now: now)
    }

    mutating func noteExpiry(of model: ModelID, now: CacheInstant) {
        append(.expired, nil, nil, [model], only: model, now: now)
    }

    /// Notes why a request was refused; who would have had to go only where memory was the
    /// matter, for refusals may come by the thousand.
    mutating func noteRefusal(
        _ error: ModelCacheError,
        of estimate: LoadEstimate?,
        now: CacheInstant
    ) {
        guard error.code != .cancelled, error.code != .shuttingDown else { return }
        if log.repeats(error) { return }
        let concernsMemory =
            error.code == .insufficientMemory || error.code == .waitTimedOut
            || error.code == .overloaded
        append(
            .refused(error),
            error.model,
            estimate,
            [],
            only: concernsMemory ? nil : error.model,
            now: now
        )
    }

    private mutating func append(
        _ kind: DecisionRecord.Kind,
        _ model: ModelID?,
        _ estimate: LoadEstimate?,
        _ victims: [ModelID],
        only: ModelID? = nil,
        now: CacheInstant
    ) {
        log.append(
            DecisionRecord(
                number: 0,
                time: now,
                kind: kind,
                model: model,
                needed: growth(by: estimate, for: model),
                free: limit - ledger.reserved,
                candidates: account(of: Set(victims), only: only, now: now)
            )
        )
    }

    private func growth(by estimate: LoadEstimate?, for model: ModelID?) -> DomainBytes {
        guard let estimate, let model else { return .zero }
        return growth(by: estimate, for: model)
    }

    /// The models in memory, or one of them, each with its score and what becomes of it.
    func account(
        of victims: Set<ModelID>,
        only: ModelID? = nil,
        now: CacheInstant
    ) -> [DecisionCandidate] {
        let shown = slots.keys.filter { only == nil || $0 == only }.sorted()
        let need = EvictionNeed(
            candidates: shown.compactMap { model in slots[model].map { candidate(model, $0) } },
            incoming: nil,
            ledger: ledger,
            limit: budget
        )
        let scores = policy.scores(of: need, at: now)
        return zip(need.candidates, scores).compactMap { candidate, score in
            guard let slot = slots[candidate.model] else { return nil }
            return DecisionCandidate(
                model: candidate.model,
                fate: victims.contains(candidate.model)
                    ? .evicted : fate(of: candidate.model, slot, now: now),
                bytes: ledger.footprint(of: candidate.model)?.total.total ?? .zero,
                idle: slot.leases > 0 ? .zero : now.duration(since: slot.lastUsed),
                score: score
            )
        }
    }

    private func fate(of model: ModelID, _ slot: Slot, now: CacheInstant) -> DecisionCandidate.Fate
    {
        if slot.state != .resident || slot.draining != nil { return .moving }
        if pins.contains(model) { return .pinned }
        if slot.leases > 0 { return .leased }
        return isFresh(slot, now: now) ? .fresh : .kept
    }

    // MARK: Scores

    /// The policy's score of each resident model.
    func scores(now: CacheInstant) -> [ModelID: EvictionScore] {
        Dictionary(
            account(of: [], now: now)
                .filter { slots[$0.model]?.state == .resident }
                .map { ($0.model, $0.score) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The places of the models that may be evicted now: 1 for the one that would go first.
    func ranks(_ scores: [ModelID: EvictionScore], now: CacheInstant) -> [ModelID: Int] {
        let order = candidates(now: now) { $0.leases == 0 && !isFresh($0, now: now) }
            .map { candidate in
                (
                    isStale: isStalePrefetch(candidate.model, now: now) ? 0 : 1,
                    score: scores[candidate.model]?.value ?? 0,
                    lastUsed: candidate.lastUsed,
                    model: candidate.model
                )
            }
            .sorted { $0 < $1 }
        return Dictionary(
            order.enumerated().map { ($1.model, $0 + 1) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
