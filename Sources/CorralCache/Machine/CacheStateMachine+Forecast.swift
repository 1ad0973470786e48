import CorralMemory

/// What would happen if a model were asked for.
extension CacheStateMachine {
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
