import CorralCache

/// What only the cache's events tell: how long things took, and why.
///
/// Counts that the cache keeps itself are read from its statistics, which no slow
/// reader of events can miss.
struct CacheMetrics: Sendable {
    private var models: [ModelID: Times] = [:]
    private var waits: [ModelRole: Histogram] = [:]
    private var refusals: [Refusal: Int] = [:]

    private struct Times: Sendable {
        var load = Histogram(Histogram.seconds)
        var lease = Histogram(Histogram.seconds)
        var departures: [String: Int] = [:]
    }

    private struct Refusal: Hashable {
        var role: ModelRole?
        var code: String
    }

    /// Takes in what happened.
    mutating func record(_ event: CacheEvent) {
        switch event.kind {
        case .leaseGranted(hit: false, let waited):
            guard let role = event.model?.role else { return }
            waits[role, default: Histogram(Histogram.seconds)].observe(waited / .seconds(1))
        case .leaseReleased(let held):
            update(event.model) { $0.lease.observe(held / .seconds(1)) }
        case .requestRefused(let error):
            let refusal = Refusal(role: event.model?.role, code: error.code.description)
            refusals[refusal, default: 0] += 1
        case .loadFinished(let took, _):
            update(event.model) { $0.load.observe(took / .seconds(1)) }
        case .unloadStarted(let reason):
            update(event.model) { $0.departures[reason.label, default: 0] += 1 }
        default: break
        }
    }

    private mutating func update(_ model: ModelID?, _ change: (inout Times) -> Void) {
        guard let model else { return }
        change(&models[model, default: Times()])
    }

    /// Writes all of it.
    func write(to sheet: inout MetricSheet, labels: (ModelID) -> [String]) {
        for (model, times) in models {
            let labels = labels(model)
            if times.load.count > 0 { sheet.add(.loadSeconds, labels, times.load) }
            if times.lease.count > 0 { sheet.add(.leaseSeconds, labels, times.lease) }
            for (reason, count) in times.departures {
                sheet.add(.evictions, labels + [reason], count)
            }
        }
        for (role, histogram) in waits { sheet.add(.queueSeconds, [role.rawValue], histogram) }
        for (refusal, count) in refusals {
            sheet.add(.cacheRefusals, [refusal.role?.rawValue ?? "", refusal.code], count)
        }
    }
}
