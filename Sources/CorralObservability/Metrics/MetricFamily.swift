/// One metric of `/metrics`: its name, its kind, its labels and what it tells.
///
/// Labels are bounded: the models, roles and domains there are, and words of this
/// program. No request, client, prompt or path of this machine is ever a label.
struct MetricFamily: Sendable {
    /// How a metric may change, in the words of Prometheus.
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    let labels: [String]
    let help: String

    init(_ name: String, _ kind: Kind, _ labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }

    /// Whether its values are seconds.
    var isDuration: Bool { name.hasSuffix("_seconds") }

    /// The upper bounds of a histogram's buckets.
    var bounds: [Double] { isDuration ? Histogram.seconds : Histogram.tokenRates }
}

extension MetricFamily: Hashable {
    /// Names are unique.
    static func == (first: Self, second: Self) -> Bool { first.name == second.name }

    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// Counts observations by size.
struct Histogram: Hashable, Sendable {
    /// The upper bounds of the buckets, in order; one more bucket has no bound.
    let bounds: [Double]

    /// The observations in each bucket alone, the unbounded one last.
    private(set) var counts: [UInt64]

    /// The sum of all observations.
    private(set) var sum = 0.0

    init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// All observations.
    var count: UInt64 { counts.reduce(0, +) }

    mutating func observe(_ value: Double) {
        guard value.isFinite else { return }
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    /// Adds what another with the same bounds counted.
    static func += (lhs: inout Histogram, rhs: Histogram) {
        for index in lhs.counts.indices { lhs.counts[index] += rhs.counts[index] }
        lhs.sum += rhs.sum
    }

    /// From a hit to a load of a large file from a slow disk, in seconds.
    static let seconds: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
    ]

    /// From a large model on a processor to a small one on a GPU, in tokens a second.
    static let tokenRates: [Double] = [1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1000]
}
