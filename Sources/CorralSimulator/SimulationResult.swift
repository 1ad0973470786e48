/// What replaying a workload with one policy came to.
public struct SimulationResult: Hashable, Sendable {
    /// The name of the policy.
    public var policy: String
    /// The requests replayed.
    public var requests = 0
    /// The requests whose model was resident when they came.
    public var hits = 0
    /// The requests that were refused or gave up waiting.
    public var refusals = 0
    /// The loads that ended well.
    public var loads = 0
    /// The models that had to make room.
    public var evictions = 0
    /// The models that left for having been idle.
    public var expirations = 0
    /// The seconds that all loads took, waiting for a disk not included.
    public var loadSeconds = 0.0
    /// The seconds each request that was not refused waited for its model, in order.
    public var waits: [Double] = []
    /// What became resident and what left, in order of time.
    public var changes: [ResidencyChange] = []

    /// A result of nothing yet.
    public init(policy: String) {
        self.policy = policy
    }

    /// The share of requests whose model was resident when they came.
    public var hitRatio: Double {
        requests > 0 ? Double(hits) / Double(requests) : 0
    }

    /// The seconds that requests waited for their models, together.
    public var waitSeconds: Double { waits.reduce(0, +) }

    /// The wait that this share of requests did not exceed, in seconds.
    public func wait(quantile: Double) -> Double {
        let sorted = waits.sorted()
        guard !sorted.isEmpty else { return 0 }
        let rank = (quantile * Double(sorted.count)).rounded(.up)
        return sorted[max(0, min(sorted.count - 1, Int(rank) - 1))]
    }
}

/// A model that became resident or left.
public struct ResidencyChange: Hashable, Sendable {
    /// What happened to it.
    public enum Kind: Hashable, Sendable {
        /// Its memory was reserved.
        case loaded
        /// It had to make room.
        case evicted
        /// It was idle for as long as it may be, or its load was given up.
        case left
    }

    /// When, in seconds.
    public var time: Double
    /// What happened.
    public var kind: Kind
    /// The position of the model in the workload's models.
    public var model: Int
    /// The bytes that all models hold afterwards.
    public var resident: Int64

    /// Creates a change.
    public init(time: Double, kind: Kind, model: Int, resident: Int64) {
        self.time = time
        self.kind = kind
        self.model = model
        self.resident = resident
    }
}
