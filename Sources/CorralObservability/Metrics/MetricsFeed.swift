package import CoreMetrics
import Synchronization

/// Hands the figures of `/metrics` to swift-metrics, so that an app that embeds the server sees
/// them in the backend it has bootstrapped.
///
/// Labels and their values are those of `/metrics`. Counters and gauges are brought up to date from
/// the same sheet that a scraper reads, histograms as each value is observed: those of seconds as
/// timers, others as recorders.
package final class MetricsFeed: Sendable {
    private struct Key: Hashable {
        var family: MetricFamily
        var labels: [String]
    }

    private struct State {
        /// With what each counter was told by now.
        var counters: [Key: (counter: Counter, told: Int64)] = [:]
        var gauges: [Key: Gauge] = [:]
        var timers: [Key: Timer] = [:]
        var recorders: [Key: Recorder] = [:]
    }

    private let factory: any MetricsFactory
    private let state = Mutex(State())

    /// Creates a feed for a backend; `nil` where none was bootstrapped, so that nothing is computed
    /// for nobody.
    ///
    /// - Parameter factory: Makes the backend's metrics.
    package init?(_ factory: any MetricsFactory = MetricsSystem.factory) {
        guard !(factory is NOOPMetricsHandler) else { return nil }
        self.factory = factory
    }

    /// Tells the values of histograms.
    func observe(_ samples: [MetricSample], _ names: () -> ModelNames) {
        let samples = samples.filter { $0.series.family.kind == .histogram && $0.value.isFinite }
        guard !samples.isEmpty else { return }
        let names = names()
        state.withLock { state in
            for sample in samples {
                let family = sample.series.family
                let key = Key(family: family, labels: sample.series.labels(names))
                if family.isDuration {
                    if state.timers[key] == nil {
                        state.timers[key] = Timer(
                            label: family.name,
                            dimensions: Self.dimensions(key),
                            factory: factory
                        )
                    }
                    state.timers[key]?.recordNanoseconds(Int64(sample.value * 1e9))
                } else {
                    if state.recorders[key] == nil {
                        state.recorders[key] = Recorder(
                            label: family.name,
                            dimensions: Self.dimensions(key),
                            factory: factory
                        )
                    }
                    state.recorders[key]?.record(sample.value)
                }
            }
        }
    }

    /// Brings counters and gauges up to date.
    ///
    /// A gauge whose series is no more, because its model left memory, becomes zero.
    package func update(_ sheet: MetricSheet) {
        state.withLock { state in
            var gone = Set(state.gauges.keys)
            for (family, labels, value) in sheet.scalars {
                let key = Key(family: family, labels: labels)
                switch family.kind {
                case .counter: count(key, Int64(value), &state)
                case .gauge:
                    gone.remove(key)
                    if state.gauges[key] == nil {
                        state.gauges[key] = Gauge(
                            label: family.name,
                            dimensions: Self.dimensions(key),
                            factory: factory
                        )
                    }
                    state.gauges[key]?.record(value)
                case .histogram: break
                }
            }
            for key in gone { state.gauges[key]?.record(0) }
        }
    }

    private func count(_ key: Key, _ value: Int64, _ state: inout State) {
        let counter =
            state.counters[key]?.counter
            ?? Counter(
                label: key.family.name,
                dimensions: Self.dimensions(key),
                factory: factory
            )
        let told = state.counters[key]?.told ?? 0
        if value > told { counter.increment(by: value - told) }
        state.counters[key] = (counter, max(value, told))
    }

    private static func dimensions(_ key: Key) -> [(String, String)] {
        Array(zip(key.family.labels, key.labels))
    }
}
