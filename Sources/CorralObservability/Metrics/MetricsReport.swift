package import CorralCache
package import CorralMemory

/// Everything `/metrics` tells, at one moment.
package struct MetricsReport: Sendable {
    private let statistics: CacheStatistics
    private let counts: ServerMetrics.Counts
    private let names: ModelNames
    private let listeners: Int
    private let version: String
    private let memory: ByteCount?

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - statistics: What the cache holds and has done.
    ///   - metrics: What the server counted.
    ///   - names: What models are called.
    ///   - listeners: The connections that listen to events.
    ///   - version: The version of the daemon.
    ///   - memory: The resident memory of the daemon; `nil` where it cannot be read.
    package init(
        statistics: CacheStatistics,
        metrics: ServerMetrics,
        names: ModelNames,
        listeners: Int,
        version: String,
        memory: ByteCount?
    ) {
        self.statistics = statistics
        counts = metrics.counts
        self.names = names
        self.listeners = listeners
        self.version = version
        self.memory = memory
    }

    /// The figures.
    package var sheet: MetricSheet {
        var sheet = MetricSheet()
        writeMemory(to: &sheet)
        for model in statistics.models { write(model, to: &sheet) }
        counts.write(to: &sheet, names)
        sheet.add(.queueDepth, [], statistics.waiting)
        sheet.add(.batchDepth, [], statistics.waitingBatch)
        sheet.add(.loadingShare, [], statistics.pressure.loadingShare)
        sheet.add(.reloadingShare, [], statistics.pressure.reloadingShare)
        sheet.add(.oversubscribed, [], statistics.pressure.isOversubscribed ? 1 : 0)
        sheet.add(.policy, [statistics.policy], 1)
        sheet.add(.listeners, [], listeners)
        sheet.add(.uptime, [], statistics.uptime / .seconds(1))
        sheet.add(.build, [version], 1)
        if let memory { sheet.add(.processMemory, [], memory.rawValue) }
        return sheet
    }

    private func writeMemory(to sheet: inout MetricSheet) {
        let pools: [(MetricFamily, DomainBytes)] = [
            (.budget, statistics.budget), (.limit, statistics.limit),
            (.reserved, statistics.reserved),
        ]
        // A domain where nothing is reserved or left is told as zero, not left out.
        for domain in statistics.budget.union(statistics.reserved).domains {
            for (family, bytes) in pools {
                sheet.add(family, ["\(domain)"], bytes[domain].rawValue)
            }
        }
        let states = Dictionary(grouping: statistics.models, by: \.state)
        for state in Self.states {
            sheet.add(.models, [state.rawValue], states[state]?.count ?? 0)
        }
    }

    private static let states: [CacheStatistics.Model.State] = [
        .loading, .resident, .draining, .unloading, .coolingDown, .absent,
    ]

    private func write(_ model: CacheStatistics.Model, to sheet: inout MetricSheet) {
        let labels = names.labels(of: model.id)
        let isUsable = model.state == .resident || model.state == .draining
        sheet.add(.resident, labels, isUsable ? 1 : 0)
        sheet.add(.leases, labels, model.leases)
        sheet.add(.pinned, labels, model.isPinned ? 1 : 0)
        sheet.add(.hits, labels, model.record.hits)
        sheet.add(.leasesGranted, labels, model.record.leasesGranted)
        sheet.add(.loads, labels, model.record.loads)
        sheet.add(.loadFailures, labels, model.record.loadFailures)
        sheet.add(.exits, labels, model.record.exits)
        sheet.add(.prefetches, labels, model.record.prefetches)
        sheet.add(.prefetchesUsed, labels, model.record.prefetchesUsed)
        write(model.planned?.total, as: .modelPlanned, labels, to: &sheet)
        write(model.reserved?.total, as: .modelReserved, labels, to: &sheet)
        let measured = model.measured.map { $0.exclusive + .host($0.fileBacked) }
        write(measured, as: .modelMeasured, labels, to: &sheet)
        if let measured, let planned = model.planned?.total.total, planned > .zero {
            let ratio = Double(measured.total.rawValue) / Double(planned.rawValue)
            sheet.add(.planError, labels, ratio - 1)
        }
    }

    private func write(
        _ bytes: DomainBytes?,
        as family: MetricFamily,
        _ labels: [String],
        to sheet: inout MetricSheet
    ) {
        guard let bytes else { return }
        for domain in bytes.domains {
            sheet.add(family, labels + ["\(domain)"], bytes[domain].rawValue)
        }
    }
}
