import CorralMemory

/// Which model was asked for after which: a chain of the first order.
///
/// Counts runs, uninterrupted successions of requests for one model. A successor that comes
/// within a minute counts as one; each model's counts are halved when they reach a hundred, so
/// that habits may change.
struct TransitionStatistics: Sendable {
    private struct Row: Sendable {
        var successors: [ModelID: Double] = [:]
        var total = 0.0

        mutating func note(_ successor: ModelID) {
            total += 1
            successors[successor, default: 0] += 1
            guard total >= TransitionStatistics.totalBeforeHalving else { return }
            total /= 2
            successors = successors.mapValues { $0 / 2 }
        }
    }

    /// A model that is likely to be asked for next.
    struct Prediction: Hashable {
        var model: ModelID
        /// From 0 to 1.
        var confidence: Double
    }

    private var rows: [ModelID: Row] = [:]
    private var current: ModelID?
    private var lastRequest = CacheInstant.start

    private static let window = Duration.seconds(60)
    /// Successors nobody has seen, so that once is not always.
    private static let unseen = 2.0
    private static let totalBeforeHalving = 100.0

    /// Notes a request.
    ///
    /// - Returns: Whether it began a run: only then is there something new to predict.
    mutating func note(_ model: ModelID, at now: CacheInstant) -> Bool {
        defer { lastRequest = now }
        guard let previous = current, previous != model else {
            let isFirst = current == nil
            current = model
            return isFirst
        }
        current = model
        guard now.duration(since: lastRequest) <= Self.window else {
            // The run had no successor; that counts against all.
            rows[previous, default: Row()].total += 1
            return true
        }
        rows[previous, default: Row()].note(model)
        return true
    }

    /// What follows `model` with at least this confidence, the likeliest first.
    func predictions(after model: ModelID, atLeast confidence: Double) -> [Prediction] {
        guard let row = rows[model] else { return [] }
        return row.successors
            .map { Prediction(model: $0.key, confidence: $0.value / (row.total + Self.unseen)) }
            .filter { $0.confidence >= confidence }
            .sorted { ($1.confidence, $0.model) < ($0.confidence, $1.model) }
    }

    /// What is known, in the order of the identifiers.
    var snapshot: TransitionSnapshot {
        let rows = rows.sorted { $0.key < $1.key }
        return TransitionSnapshot(
            rows: rows.map { model, row in
                TransitionSnapshot.Row(
                    model: TransitionSnapshot.Name(model),
                    total: row.total,
                    successors: row.successors.sorted { $0.key < $1.key }.map {
                        TransitionSnapshot.Successor(
                            model: TransitionSnapshot.Name($0.key),
                            count: $0.value
                        )
                    }
                )
            }
        )
    }

    /// Takes over what was known; what cannot be counts is left out.
    mutating func restore(_ snapshot: TransitionSnapshot) {
        self = TransitionStatistics()
        for row in snapshot.rows where row.total.isFinite && row.total >= 0 {
            var counts = Row(total: row.total)
            for successor in row.successors
            where successor.count.isFinite && successor.count > 0 && successor.count <= row.total {
                counts.successors[successor.model.id] = successor.count
            }
            rows[row.model.id] = counts
        }
    }
}

/// What is kept of ``TransitionStatistics`` over a restart.
struct TransitionSnapshot: Hashable, Codable, Sendable {
    struct Name: Hashable, Codable, Sendable {
        var path: String
        var role: ModelRole
        var profile: String

        init(_ model: ModelID) {
            path = model.path
            role = model.role
            profile = model.profile
        }

        var id: ModelID { ModelID(path: path, role: role, profile: profile) }
    }

    struct Successor: Hashable, Codable, Sendable {
        var model: Name
        var count: Double
    }

    struct Row: Hashable, Codable, Sendable {
        var model: Name
        var total: Double
        var successors: [Successor]
    }

    var rows: [Row] = []
}
