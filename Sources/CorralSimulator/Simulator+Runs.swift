package import CorralMemory

extension Simulator {
    /// Replays a workload under several conditions, as many at once as there are processors.
    ///
    /// - Parameters:
    ///   - workload: What to replay.
    ///   - costs: Columns of load seconds.
    ///   - budgets: The memory there is.
    ///   - policies: The policies.
    ///   - mode: How time is treated.
    /// - Returns: Every combination, policies within budgets within costs, in the order given.
    /// - Throws: ``SimulationError`` as ``init(_:cost:budget:)``, before anything is replayed.
    package static func runs(
        of workload: Workload,
        costs: [String],
        budgets: [ByteCount],
        policies: [SimulatedPolicy],
        mode: Mode
    ) async throws(SimulationError) -> [SimulationRun] {
        var plans: [(Simulator, SimulatedPolicy, cost: String, budget: ByteCount)] = []
        for cost in costs {
            for budget in budgets {
                let simulator = try Simulator(workload, cost: cost, budget: budget)
                plans += policies.map { (simulator, $0, cost, budget) }
            }
        }
        let runs = await withTaskGroup(of: (Int, SimulationRun).self) { group in
            for (index, (simulator, policy, cost, budget)) in plans.enumerated() {
                group.addTask {
                    let run = SimulationRun(
                        cost: cost,
                        budget: budget,
                        isTimed: mode != .untimed,
                        result: simulator.run(policy, mode: mode)
                    )
                    return (index, run)
                }
            }
            return await group.reduce(into: [Int: SimulationRun]()) { $0[$1.0] = $1.1 }
        }
        return runs.sorted { $0.key < $1.key }.map(\.value)
    }
}
