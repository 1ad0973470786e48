package import CorralCache
import Synchronization

/// Counts what happens while the server runs.
///
/// Counts that the cache keeps itself are not here: they are read from its statistics, which no
/// slow reader of events can miss.
package final class ServerMetrics: Sendable {
    /// The counts and the histograms.
    struct Counts: Sendable {
        private var counters: [MetricSample.Series: Double] = [:]
        private var histograms: [MetricSample.Series: Histogram] = [:]

        mutating func add(_ sample: MetricSample) {
            let (series, family) = (sample.series, sample.series.family)
            if family.kind == .histogram {
                histograms[series, default: Histogram(family.bounds)].observe(sample.value)
            } else {
                counters[series, default: 0] += sample.value
            }
        }

        func write(to sheet: inout MetricSheet, _ names: ModelNames) {
            for (series, value) in counters {
                sheet.add(series.family, series.labels(names), value)
            }
            for (series, histogram) in histograms {
                sheet.add(series.family, series.labels(names), histogram)
            }
        }
    }

    private let state = Mutex(Counts())
    private let names: @Sendable () -> ModelNames
    private let feed: MetricsFeed?

    /// Creates counts of nothing.
    ///
    /// - Parameters:
    ///   - feed: Is told every observation too; nobody is when `nil`.
    ///   - names: Tells what models are called now.
    package init(feed: MetricsFeed? = nil, names: @escaping @Sendable () -> ModelNames) {
        self.feed = feed
        self.names = names
    }

    /// The counts and the histograms at this moment.
    var counts: Counts { state.withLock { $0 } }

    /// Takes in what the cache did.
    package func record(_ event: CacheEvent) { add(MetricSample.samples(of: event)) }

    /// Takes in an answer of a model that has ended.
    package func record(_ record: AnswerRecord, of model: ModelID) {
        add(MetricSample.samples(of: record, from: model))
    }

    /// Counts an answer whose head is decided.
    ///
    /// - Parameters:
    ///   - route: Where it was asked, one of a bounded number of names.
    ///   - status: The status.
    package func answered(route: String, status: Int) {
        add([MetricSample(.requests, nil, [route, "\(status)"], 1)])
    }

    /// Counts an error that a client is told of.
    ///
    /// - Parameter code: The code in the answer.
    package func refused(code: String) { add([MetricSample(.refusals, nil, [code], 1)]) }

    private func add(_ samples: [MetricSample]) {
        guard !samples.isEmpty else { return }
        state.withLock { counts in
            for sample in samples { counts.add(sample) }
        }
        feed?.observe(samples, names)
    }
}
