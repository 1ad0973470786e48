/// The result of replaying a workload with one policy.
package struct SimulationResult: Hashable, Sendable {
    /// The name of the policy.
    package var policy: String
    /// The requests replayed.
    package var requests = 0
    /// The requests whose model was resident when they came.
    package var hits = 0
    /// The requests that were refused or gave up waiting.
    package var refusals = 0
    /// The loads that ended well.
    package var loads = 0
    /// The models that had to make room.
    package var evictions = 0
    /// The models that left for having been idle.
    package var expirations = 0
    /// The seconds that all loads took, waiting for a disk not included.
    package var loadSeconds = 0.0
    /// The seconds each request that was not refused waited for its model, in order.
    package var waits: [Double] = []
    /// The models that became resident and those that left, in order of time.
    package var changes: [ResidencyChange] = []

    /// A result of nothing yet.
    package init(policy: String) {
        self.policy = policy
    }

    /// The share of requests whose model was resident when they came.
    package var hitRatio: Double {
        requests > 0 ? Double(hits) / Double(requests) : 0
    }

    /// The seconds that requests waited for their models, together.
    package var waitSeconds: Double { waits.reduce(0, +) }

    /// The wait that this share of requests did not exceed, in seconds.
    package func wait(quantile: Double) -> Double {
        let sorted = waits.sorted()
        guard !sorted.isEmpty else { return 0 }
        let rank = (quantile * Double(sorted.count)).rounded(.up)
        return sorted[max(0, min(sorted.count - 1, Int(rank) - 1))]
    }
}

/// A model that became resident or left.
package struct ResidencyChange: Hashable, Sendable {
    /// The ways in which a model comes and goes.
    package enum Kind: Hashable, Sendable {
        /// Its memory was reserved.
        case loaded
        /// The model had to make room for another.
        case evicted
        /// The model was idle for as long as it may be, or its load was given up.
        case left
    }

    /// When, in seconds.
    package var time: Double
    /// What happened.
    package var kind: Kind
    /// The position of the model in the workload's models.
    package var model: Int
    /// The bytes that all models hold afterwards.
    package var resident: Int64

    /// Creates a change.
    package init(time: Double, kind: Kind, model: Int, resident: Int64) {
        self.time = time
        self.kind = kind
        self.model = model
        self.resident = resident
    }
}
