/// What `/corral/v1/status` tells: what is in memory, what was done, and how full it is.
///
/// Bytes are whole numbers, times are seconds, models go by the names people use.
package struct DaemonStatus: Codable, Hashable, Sendable {
    package var uptimeSeconds: Double
    /// The name of the eviction policy.
    package var policy: String
    /// How long models may stay idle for which nothing else is said.
    package var keepAlive: KeepAliveValue?
    /// The requests that wait for a model.
    package var waiting: Int
    /// Of those, the ones of batch priority.
    package var waitingBatch: Int?
    /// How long a request would wait that came now.
    package var predictedWaitSeconds: Double?
    package var pressure: Pressure?
    package var hints: Int?
    package var decisions: Int?
    package var memory: Memory
    /// What was done with all models together.
    package var totals: Counts?
    package var models: [Model]

    /// What models may hold and do hold.
    package struct Memory: Codable, Hashable, Sendable {
        /// What was given to models.
        package var budget: DomainCounts
        /// The budget, or less where the machine has less to spare now.
        package var limit: DomainCounts
        package var reserved: DomainCounts

        package init(budget: DomainCounts, limit: DomainCounts, reserved: DomainCounts) {
            self.budget = budget
            self.limit = limit
            self.reserved = reserved
        }
    }

    /// How much of its time the daemon spends loading.
    package struct Pressure: Codable, Hashable, Sendable {
        /// The share of the last minutes in which something was loaded for a request.
        package var loadingShare: Double
        /// The share in which it was a model that had been evicted just before.
        package var reloadingShare: Double
        package var oversubscribed: Bool

        package init(loadingShare: Double, reloadingShare: Double, oversubscribed: Bool) {
            self.loadingShare = loadingShare
            self.reloadingShare = reloadingShare
            self.oversubscribed = oversubscribed
        }
    }

    /// What was done with a model, or with all of them.
    package struct Counts: Codable, Hashable, Sendable {
        package var leasesGranted: Int?
        package var hits: Int?
        package var loads: Int?
        package var loadFailures: Int?
        package var loadSeconds: Double?
        package var prefetches: Int?
        package var prefetchesUsed: Int?
        package var evictions: Int?
        package var exits: Int?
        package var refusals: Int?

        package init(loads: Int? = nil, loadSeconds: Double? = nil) {
            self.loads = loads
            self.loadSeconds = loadSeconds
        }
    }

    package init(
        uptimeSeconds: Double,
        policy: String,
        waiting: Int,
        memory: Memory,
        models: [Model]
    ) {
        self.uptimeSeconds = uptimeSeconds
        self.policy = policy
        self.waiting = waiting
        self.memory = memory
        self.models = models
    }
}

/// What a model was planned to hold, or holds.
package struct FootprintValue: Codable, Hashable, Sendable {
    package var total: DomainCounts
    package var exclusive: DomainCounts?
    /// The bytes of each part that other models may share.
    package var shared: [DomainCounts]?

    package init(total: DomainCounts, exclusive: DomainCounts? = nil, shared: [DomainCounts]? = nil)
    {
        self.total = total
        self.exclusive = exclusive
        self.shared = shared
    }
}

/// What a model was found to hold.
package struct MeasuredValue: Codable, Hashable, Sendable {
    package var exclusive: DomainCounts
    /// Pages of its file that are in memory.
    package var fileBacked: Int64

    package init(exclusive: DomainCounts, fileBacked: Int64) {
        self.exclusive = exclusive
        self.fileBacked = fileBacked
    }

    /// Everything it holds, in bytes.
    package var total: Int64 { exclusive.total + fileBacked }
}
