package import CorralMemory

/// One replay: its conditions and its result.
package struct SimulationRun: Hashable, Sendable {
    /// The column of load seconds.
    package var cost: String
    /// The memory there was.
    package var budget: ByteCount
    /// Whether loads took their time.
    package var isTimed: Bool
    /// The result.
    package var result: SimulationResult

    /// Creates a run.
    package init(cost: String, budget: ByteCount, isTimed: Bool, result: SimulationResult) {
        self.cost = cost
        self.budget = budget
        self.isTimed = isTimed
        self.result = result
    }

    /// The budget as it was probably written: `96 GB` where it is a round number of those.
    package var budgetText: String {
        let gigabyte: Int64 = 1_000_000_000
        return budget.rawValue % gigabyte == 0
            ? "\(budget.rawValue / gigabyte) GB" : "\(budget)"
    }

    /// Whether `other` was replayed under the same conditions.
    package func isComparable(to other: SimulationRun) -> Bool {
        cost == other.cost && budget == other.budget && isTimed == other.isTimed
    }
}

extension SimulationRun {
    /// Runs as comma-separated values, one a line under a heading.
    package static func table(_ runs: [SimulationRun]) -> String {
        let heading = """
            policy,cost,budget_bytes,timed,requests,hits,hit_ratio,loads,evictions,expirations,\
            refusals,load_seconds,wait_seconds,wait_p50,wait_p99,wait_max
            """
        let lines = runs.map { run in
            let result = run.result
            func decimal(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }
            let cells = [
                result.policy, run.cost, "\(run.budget.rawValue)", "\(run.isTimed)",
                "\(result.requests)", "\(result.hits)", decimal(result.hitRatio),
                "\(result.loads)", "\(result.evictions)", "\(result.expirations)",
                "\(result.refusals)", decimal(result.loadSeconds), decimal(result.waitSeconds),
                decimal(result.wait(quantile: 0.5)), decimal(result.wait(quantile: 0.99)),
                decimal(result.wait(quantile: 1)),
            ]
            return cells.joined(separator: ",")
        }
        return ([heading] + lines).joined(separator: "\n") + "\n"
    }
}
