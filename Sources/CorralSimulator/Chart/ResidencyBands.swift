import CorralMemory

/// The resident bytes of each model in each column of a chart.
struct ResidencyBands {
    /// The band of one model, or of all others together.
    struct Band {
        /// The position of the model; `nil` for all others together.
        var model: Int?
        /// The mean of the bytes it holds, by column.
        var bytes: [Double]
    }

    /// From the bottom up: those that hold most memory for longest first, all others last.
    let bands: [Band]
    /// Loads, by column.
    private(set) var loads: [Int]
    /// Models that had to make room, by column.
    private(set) var evictions: [Int]

    /// Adds up a replay.
    ///
    /// - Parameters:
    ///   - result: The replay.
    ///   - workload: What was replayed.
    ///   - models: The models with a band of their own, from the bottom up.
    ///   - columns: How many columns there are.
    ///   - end: The time at the end of the last, in seconds.
    init(
        _ result: SimulationResult,
        of workload: Workload,
        models: [Int],
        columns: Int,
        end: Double
    ) {
        loads = Array(repeating: 0, count: columns)
        evictions = loads
        let empty = [Double](repeating: 0, count: columns)
        var own = Dictionary(uniqueKeysWithValues: models.map { ($0, empty) })
        var others = empty
        let span = end / Double(columns)
        for stay in Self.stays(in: result, until: end) {
            let bytes = Double(workload.models[stay.model].bytes.rawValue)
            var column = min(columns - 1, Int(stay.from / span))
            while column < columns, Double(column) * span < stay.to {
                let begin = max(stay.from, Double(column) * span)
                let finish = min(stay.to, Double(column + 1) * span)
                let mean = bytes * max(0, finish - begin) / span
                if own[stay.model] != nil {
                    own[stay.model]?[column] += mean
                } else {
                    others[column] += mean
                }
                column += 1
            }
        }
        for change in result.changes {
            let column = min(columns - 1, max(0, Int(change.time / span)))
            switch change.kind {
            case .loaded: loads[column] += 1
            case .evicted: evictions[column] += 1
            case .left: break
            }
        }
        bands =
            models.map { Band(model: $0, bytes: own[$0] ?? empty) } + [
                Band(model: nil, bytes: others)
            ]
    }

    /// The models that hold most memory for longest in some replays, the first most.
    static func largest(
        _ results: [SimulationResult],
        of workload: Workload,
        end: Double,
        count: Int
    ) -> [Int] {
        var weights: [Int: Double] = [:]
        for result in results {
            for stay in stays(in: result, until: end) {
                let bytes = Double(workload.models[stay.model].bytes.rawValue)
                weights[stay.model, default: 0] += bytes * (stay.to - stay.from)
            }
        }
        let ordered = weights.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return ordered.prefix(count).map(\.key)
    }

    private struct Stay {
        var model: Int
        var from: Double
        var to: Double
    }

    /// From when to when each model was resident.
    private static func stays(in result: SimulationResult, until end: Double) -> [Stay] {
        var since: [Int: Double] = [:]
        var stays: [Stay] = []
        for change in result.changes {
            switch change.kind {
            case .loaded: since[change.model] = change.time
            case .evicted, .left:
                guard let from = since.removeValue(forKey: change.model) else { continue }
                stays.append(Stay(model: change.model, from: from, to: min(change.time, end)))
            }
        }
        for (model, from) in since.sorted(by: { $0.key < $1.key }) {
            stays.append(Stay(model: model, from: from, to: end))
        }
        return stays.filter { $0.to > $0.from }
    }
}
