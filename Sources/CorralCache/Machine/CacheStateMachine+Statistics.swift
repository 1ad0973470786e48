import CorralMemory

extension CacheStateMachine {
    /// Whether this stay of a model in memory lasts.
    func holds(_ model: ModelID, _ residency: Residency) -> Bool {
        slots[model]?.residency == residency
    }

    /// Whether a load is under way that nobody wants any more.
    func isCancelled(_ model: ModelID, _ residency: Residency) -> Bool {
        guard let slot = slots[model], slot.residency == residency,
            case .loading(_, let isCancelled) = slot.state
        else { return false }
        return isCancelled
    }

    /// What the cache holds and has done, at `now`.
    package func statistics(now: CacheInstant) -> CacheStatistics {
        var waiting: [ModelID: Int] = [:]
        for id in queue {
            if let request = requests[id] { waiting[request.model, default: 0] += 1 }
        }
        let known = Set(slots.keys).union(records.keys).union(pins)
        let scores = scores(now: now)
        let ranks = ranks(scores, now: now)
        let models = known.sorted().map { model in
            var statistics = statistics(of: model, waiting: waiting[model] ?? 0, now: now)
            statistics.score = scores[model]
            statistics.evictionRank = ranks[model]
            return statistics
        }
        return CacheStatistics(
            models: models,
            budget: budget,
            limit: limit,
            reserved: ledger.reserved,
            waiting: queue.count,
            waitingBatch: queue.count { requests[$0]?.priority == .batch },
            predictedWait: predictedWait(besides: nil),
            pressure: meter.pressure(at: now),
            hints: hints.count { $0.expires > now },
            decisions: log.count,
            totals: models.reduce(into: ModelRecord()) { $0 += $1.record },
            keepAlive: configuration.keepAlive,
            policy: policy.name,
            uptime: now.sinceStart
        )
    }

    private func statistics(
        of model: ModelID,
        waiting: Int,
        now: CacheInstant
    ) -> CacheStatistics.Model {
        let slot = slots[model]
        let isResident = slot?.state == .resident
        let isIdle = isResident && slot?.leases == 0
        var progress = slot == nil ? 0.0 : 1.0
        if case .loading(let fraction, _)? = slot?.state { progress = fraction }
        return CacheStatistics.Model(
            id: model,
            state: state(of: model, now: now),
            progress: progress,
            isPinned: pins.contains(model),
            planned: slot?.estimate.footprint,
            reserved: ledger.footprint(of: model),
            measured: slot?.measured,
            contextTokens: slot?.estimate.contextTokens ?? 0,
            age: slot.flatMap { isResident ? now.duration(since: $0.since) : nil },
            idle: slot.flatMap { isIdle ? now.duration(since: $0.lastUsed) : nil },
            keepAlive: slot?.keepAlive ?? configuration.keepAlive,
            idleLimit: slot.flatMap { isResident ? $0.idleLimit : nil },
            score: nil,
            evictionRank: nil,
            isPrefetched: slot?.prefetch.isUnused ?? false,
            leases: slot?.leases ?? 0,
            waiting: waiting,
            record: record(of: model)
        )
    }

    /// What a model has done, its present stay included.
    func record(of model: ModelID) -> ModelRecord {
        var record = records[model] ?? ModelRecord()
        let hits = slots[model]?.hits ?? 0
        record.hits += hits
        record.leasesGranted += hits
        if slots[model]?.prefetch == .used { record.prefetchesUsed += 1 }
        return record
    }

    private func state(of model: ModelID, now: CacheInstant) -> CacheStatistics.Model.State {
        guard let slot = slots[model] else {
            return (failures[model]?.until).map { $0 > now } == true ? .coolingDown : .absent
        }
        return switch slot.state {
        case .loading: .loading
        case .resident: slot.draining == nil ? .resident : .draining
        case .unloading: .unloading
        }
    }
}
