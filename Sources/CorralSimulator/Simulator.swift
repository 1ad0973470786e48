package import CorralMemory

/// Replays a workload with the cache's own policies.
package struct Simulator: Sendable {
    /// How a replay treats time.
    package enum Mode: Hashable, Sendable {
        /// Loads take no time but cost their seconds; every request is served at once.
        case untimed
        /// Loads take their seconds, one at a time from each store; requests hold leases, wait
        /// for their models, and are refused after `patience` seconds, if that is given. What
        /// usually follows is loaded before it is asked for where `predicts`.
        case timed(patience: Double?, predicts: Bool = false)
    }

    private let workload: Workload
    private let loadSeconds: [Double]
    private let budget: ByteCount

    /// Prepares replays.
    ///
    /// - Parameters:
    ///   - workload: What to replay.
    ///   - cost: The column of load seconds.
    ///   - budget: The memory there is.
    /// - Throws: ``SimulationError`` when there is no such column or a model that is asked for
    ///   exceeds the budget.
    package init(
        _ workload: Workload,
        cost: String,
        budget: ByteCount
    ) throws(SimulationError) {
        self.workload = workload
        self.budget = budget
        loadSeconds = try workload.loadSeconds(cost)
        for position in Set(workload.requests.map(\.model)).sorted() {
            let model = workload.models[position]
            guard model.bytes <= budget else {
                throw SimulationError(
                    .tooLarge,
                    """
                    \(model.name) holds \(model.bytes), more than the budget of \(budget); \
                    raise the budget or leave its requests out.
                    """
                )
            }
        }
    }

    /// Replays the workload with one policy.
    package func run(_ policy: SimulatedPolicy, mode: Mode) -> SimulationResult {
        switch mode {
        case .untimed:
            var replay = UntimedReplay(
                workload: workload,
                loadSeconds: loadSeconds,
                budget: budget,
                policy: policy
            )
            return replay.run()
        case .timed(let patience, let predicts):
            var replay = TimedReplay(
                workload: workload,
                loadSeconds: loadSeconds,
                budget: budget,
                policy: policy,
                patience: patience,
                predicts: predicts
            )
            return replay.run()
        }
    }
}
