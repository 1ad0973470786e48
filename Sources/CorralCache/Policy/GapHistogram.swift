/// How long it was from one use of a model to the next, counted in bins that grow by half.
///
/// A gap is in whatever unit its owner measures in. The first bin ends at 1, the last has no end.
struct GapHistogram: Hashable, Sendable, Codable {
    /// How many bins there are: from 0.2 s, 44 steps of one half reach beyond three months.
    static let binCount = 45

    /// Where each bin begins.
    private static let edges: [Double] = {
        var edges = [0.0, 1.0]
        while edges.count < binCount { edges.append(edges[edges.count - 1] * growth) }
        return edges
    }()

    private static let growth = 1.5

    private(set) var counts: [Float]
    private(set) var total: Float

    /// Creates a histogram with so much in every bin.
    init(filledWith count: Float = 0) {
        counts = Array(repeating: count, count: Self.binCount)
        total = count * Float(Self.binCount)
    }

    /// Decodes a histogram.
    ///
    /// - Throws: When the counts are not as many as there are bins, or none can be counts.
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        counts = try container.decode([Float].self)
        guard counts.count == Self.binCount, counts.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "A histogram of gaps has \(Self.binCount) counts from zero."
            )
        }
        total = counts.reduce(0, +)
    }

    /// Encodes the counts, to a hundredth.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(counts.map { ($0 * 100).rounded() / 100 })
    }

    /// Counts a gap that falls into `bin`.
    mutating func add(toBin bin: Int) {
        counts[bin] += 1
        total += 1
    }

    /// Lets what was counted so far weigh less.
    mutating func fade(to factor: Float) {
        for bin in counts.indices { counts[bin] *= factor }
        total = counts.reduce(0, +)
    }

    /// The bin a gap falls into.
    static func bin(of gap: Double) -> Int {
        guard gap >= 1 else { return 0 }
        var (low, high) = (0, binCount)
        while high - low > 1 {
            let middle = (low + high) / 2
            if gap < edges[middle] { high = middle } else { low = middle }
        }
        return low
    }

    /// The rate at which the next use comes, given how long ago the last one was: the most uses
    /// per time that waiting for it can yield, if waiting lasts at least `horizon`.
    ///
    /// This is the Gittins index of the remaining gap (Gittins, 1979; in caching, the hit
    /// density of Beckmann, Chen and Cidon, "LHD", NSDI 2018).
    ///
    /// - Parameters:
    ///   - own: The gaps of the model, where it has any.
    ///   - pooled: The gaps of all models, which count as much as `prior` gaps of its own.
    ///   - prior: The weight of `pooled`.
    ///   - age: The time since the last use.
    ///   - horizon: The shortest time worth waiting.
    /// - Returns: Uses for each unit of time.
    static func rate(
        own: GapHistogram?,
        pooled: GapHistogram,
        prior: Double,
        age: Double,
        horizon: Double
    ) -> Double {
        let first = bin(of: age)
        let edges = edges
        let scale = prior / Double(max(pooled.total, .leastNormalMagnitude))
        var masses = InlineArray<45, Double>(repeating: 0)
        var left = 0.0
        for bin in first..<binCount {
            masses[bin] = Double(pooled.counts[bin]) * scale
            if let own { masses[bin] += Double(own.counts[bin]) }
            left += masses[bin]
        }
        let firstEnd = first + 1 < binCount ? edges[first + 1] : age * growth
        // Only that part of the age's own bin counts that lies ahead of the age.
        let ahead = (firstEnd - age) / max(firstEnd - edges[first], .leastNormalMagnitude)
        let behind = masses[first] * (1 - min(1, max(0.05, ahead)))
        masses[first] -= behind
        left -= behind
        var (used, waited) = (0.0, 0.0)
        // Compared as products, for dividing would take longer than all the rest.
        var (bestUsed, bestWaited) = (0.0, 1.0)
        var start = age
        for bin in first..<binCount {
            let end = bin + 1 < binCount ? edges[bin + 1] : max(edges[bin], age) * growth
            // The uses that fall into this bin come in its middle on average.
            waited += (left - masses[bin] / 2) * max(end - start, 1e-3)
            used += masses[bin]
            left -= masses[bin]
            start = end
            if end - age >= horizon, used * bestWaited > bestUsed * waited {
                (bestUsed, bestWaited) = (used, waited)
            }
        }
        return bestWaited > 0 ? bestUsed / bestWaited : 0
    }
}
