import CorralMemory

/// Keeping account of what was decided, and by what.
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

    /// Every model in memory, or one, and what becomes of it.
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

    // MARK: What is worth what

    /// What the policy thinks of each resident model.
    func scores(now: CacheInstant) -> [ModelID: EvictionScore] {
        Dictionary(
            account(of: [], now: now)
                .filter { slots[$0.model]?.state == .resident }
                .map { ($0.model, $0.score) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// In which order those that may be evicted now would go, one by one.
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

    // MARK: What if

    /// What would happen if `model` were asked for now.
    package func forecast(
        for model: ModelID,
        estimate: LoadEstimate,
        minimumContext: Int,
        now: CacheInstant
    ) -> LoadForecast {
        var forecast = LoadForecast(
            model: model,
            outcome: .resident,
            free: limit - ledger.reserved,
            limit: limit,
            contextTokens: estimate.contextTokens
        )
        var leaving: Set<ModelID> = []
        let served = isServed(model, minimumContext) ? slots[model] : nil
        if let served { forecast.contextTokens = served.estimate.contextTokens }
        if served?.state == .resident {
            forecast.outcome = .resident
        } else if let error = refusal(
            for: model,
            estimate: estimate,
            minimumContext: minimumContext,
            patience: configuration.maximumWait,
            now: now
        ) {
            forecast.outcome = .refused(error)
            forecast.needed = growth(by: estimate, for: model)
        } else if let served, case .loading(let progress, _) = served.state {
            forecast.outcome = .loading
            forecast.loadTime = served.loadTime * (1 - progress)
            forecast.wait = forecast.loadTime
        } else {
            forecast.needed = growth(by: estimate, for: model)
            forecast.loadTime = loadTime(of: model, estimate)
            forecast.wait = predictedWait(besides: model) + forecast.loadTime
            (forecast.outcome, leaving) = way(to: model, estimate, now: now)
        }
        forecast.candidates = account(of: leaving, now: now)
        return forecast
    }

    private func way(
        to model: ModelID,
        _ estimate: LoadEstimate,
        now: CacheInstant
    ) -> (LoadForecast.Outcome, Set<ModelID>) {
        // Whoever comes now waits behind those that wait for memory already; and a model that has
        // too little context is used to the end first.
        let isBehind = queue.contains(where: waitsForMemory)
        let own = slots[model]
        let isInUse = own.map { $0.state != .resident || $0.leases > 0 } ?? false
        guard !isBehind, !isInUse else { return (.waits, []) }
        let itself: Set<ModelID> = own == nil ? [] : [model]
        return switch room(for: model, estimate, since: now, now: now) {
        case .free: (own == nil ? .fits : .evicts, itself)
        case .evict(let victims): (.evicts, itself.union(victims.map(\.model)))
        case .wait: (.waits, [])
        }
    }
}
