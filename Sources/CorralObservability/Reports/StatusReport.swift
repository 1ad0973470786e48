package import CorralCache
import CorralMemory
package import CorralWire

/// Puts what the cache tells into the shapes of `/corral/v1`.
///
/// Models have the names people use, and no sentence holds a path of this machine.
package struct StatusReport: Sendable {
    package let names: ModelNames

    package init(_ names: ModelNames) { self.names = names }

    /// What the cache holds and has done.
    package func status(_ statistics: CacheStatistics) -> DaemonStatus {
        var status = DaemonStatus(
            uptimeSeconds: statistics.uptime / .seconds(1),
            policy: statistics.policy,
            waiting: statistics.waiting,
            memory: DaemonStatus.Memory(
                budget: DomainCounts(statistics.budget),
                limit: DomainCounts(statistics.limit),
                reserved: DomainCounts(statistics.reserved)
            ),
            models: statistics.models.map(model)
        )
        status.keepAlive = KeepAliveValue(statistics.keepAlive)
        status.waitingBatch = statistics.waitingBatch
        status.predictedWaitSeconds = statistics.predictedWait / .seconds(1)
        status.pressure = DaemonStatus.Pressure(statistics.pressure)
        status.hints = statistics.hints
        status.decisions = statistics.decisions
        status.totals = DaemonStatus.Counts(statistics.totals)
        return status
    }

    private func model(_ model: CacheStatistics.Model) -> DaemonStatus.Model {
        var state = DaemonStatus.ModelState(
            name: names.named(model.id),
            state: model.state.rawValue,
            progress: model.progress,
            pinned: model.isPinned,
            contextTokens: model.contextTokens,
            keepAlive: KeepAliveValue(model.keepAlive),
            leases: model.leases,
            waiting: model.waiting
        )
        state.file = ModelNames.file(of: model.id)
        state.planned = model.planned.map(FootprintValue.init)
        state.reserved = model.reserved.map(FootprintValue.init)
        state.measured = model.measured.map(MeasuredValue.init)
        state.ageSeconds = model.age.map { $0 / .seconds(1) }
        state.idleSeconds = model.idle.map { $0 / .seconds(1) }
        state.idleLimitSeconds = model.idleLimit.map { $0 / .seconds(1) }
        state.prefetched = model.isPrefetched
        state.evictionRank = model.evictionRank
        state.value = model.score.map {
            DaemonStatus.ScoreValue(
                score: $0.value,
                reloadSeconds: $0.reloadSeconds,
                secondsToNextUse: $0.secondsToNextUse
            )
        }
        return DaemonStatus.Model(state, DaemonStatus.Counts(model.record))
    }
}

extension DaemonStatus.Counts {
    fileprivate init(_ record: ModelRecord) {
        self.init(loads: record.loads, loadSeconds: record.loadTime / .seconds(1))
        leasesGranted = record.leasesGranted
        hits = record.hits
        loadFailures = record.loadFailures
        prefetches = record.prefetches
        prefetchesUsed = record.prefetchesUsed
        evictions = record.evictions
        exits = record.exits
        refusals = record.refusals
    }
}

extension DaemonStatus.Pressure {
    init(_ pressure: LoadPressure) {
        self.init(
            loadingShare: pressure.loadingShare,
            reloadingShare: pressure.reloadingShare,
            oversubscribed: pressure.isOversubscribed
        )
    }
}

extension DomainCounts {
    init(_ bytes: DomainBytes) {
        self.init(bytes.domains.map { ("\($0)", bytes[$0].rawValue) })
    }
}

extension FootprintValue {
    init(_ footprint: Footprint) {
        self.init(
            total: DomainCounts(footprint.total),
            exclusive: DomainCounts(footprint.exclusive),
            shared: footprint.shared.map { DomainCounts($0.bytes) }
        )
    }
}

extension MeasuredValue {
    init(_ measured: MeasuredMemory) {
        self.init(
            exclusive: DomainCounts(measured.exclusive),
            fileBacked: measured.fileBacked.rawValue
        )
    }
}

extension KeepAliveValue {
    fileprivate init(_ keepAlive: KeepAlive) {
        switch keepAlive {
        case .idle(let duration): self = .seconds(duration / .seconds(1))
        case .untilEvicted: self = .untilEvicted
        case .skiRental: self = .word("\(keepAlive)")
        }
    }
}
