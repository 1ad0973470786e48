import CorralMemory
import CorralSimulator

/// The results of a simulation, for programs and for people.
struct SimulationReport: Encodable {
    struct Row: Encodable {
        var policy: String
        var cost: String
        var budgetBytes: Int64
        var timed: Bool
        var loadSeconds: Double
        var loads: Int
        var evictions: Int
        var expirations: Int
        var requests: Int
        var hits: Int
        var hitRatio: Double
        var refusals: Int
        var waitSeconds: Double
        var waitP50: Double
        var waitP99: Double
        var waitMax: Double

        init(_ run: SimulationRun) {
            let result = run.result
            policy = result.policy
            cost = run.cost
            budgetBytes = run.budget.rawValue
            timed = run.isTimed
            loadSeconds = result.loadSeconds
            loads = result.loads
            evictions = result.evictions
            expirations = result.expirations
            requests = result.requests
            hits = result.hits
            hitRatio = result.hitRatio
            refusals = result.refusals
            waitSeconds = result.waitSeconds
            waitP50 = result.wait(quantile: 0.5)
            waitP99 = result.wait(quantile: 0.99)
            waitMax = result.wait(quantile: 1)
        }
    }

    let results: [Row]
    private let runs: [SimulationRun]

    init(_ runs: [SimulationRun]) {
        self.runs = runs
        results = runs.map(Row.init)
    }

    enum CodingKeys: CodingKey { case results }

    /// A line a run; conditions that are the same for all are left out.
    var table: Table {
        let hasCosts = Set(results.map(\.cost)).count > 1
        let hasBudgets = Set(results.map(\.budgetBytes)).count > 1
        let hasLRU = results.contains { $0.policy == "lru" } && results.count > 1
        let isTimed = results.contains(where: \.timed)
        var columns: [Table.Column] = []
        if hasCosts { columns.append(.flexible("COST")) }
        if hasBudgets { columns.append(.number("BUDGET")) }
        columns += [.text("POLICY"), .number("LOAD SECONDS")]
        if hasLRU { columns.append(.number("OF LRU")) }
        columns += [.number("LOADS"), .number("EVICTIONS"), .number("HITS")]
        if isTimed { columns += [.number("MEAN WAIT"), .number("P99 WAIT"), .number("REFUSED")] }
        var table = Table(columns)
        for run in runs {
            let result = run.result
            var cells: [String] = []
            if hasCosts { cells.append(run.cost) }
            if hasBudgets { cells.append(run.budgetText) }
            cells += [result.policy, "\(Int(result.loadSeconds.rounded()))"]
            if hasLRU { cells.append(ratio(of: run)) }
            cells += ["\(result.loads)", "\(result.evictions)"]
            cells.append("\((result.hitRatio * 1000).rounded() / 10) %")
            if isTimed {
                let mean = result.waitSeconds / Double(max(1, result.waits.count))
                cells += [
                    Duration.seconds(mean).brief,
                    Duration.seconds(result.wait(quantile: 0.99)).brief, "\(result.refusals)",
                ]
            }
            table.add(cells)
        }
        return table
    }

    /// The load seconds as a share of what LRU needs under the same conditions.
    private func ratio(of run: SimulationRun) -> String {
        let reference = runs.first { $0.result.policy == "lru" && $0.isComparable(to: run) }
        guard let seconds = reference?.result.loadSeconds, seconds > 0 else { return "-" }
        let thousandths = Int((run.result.loadSeconds / seconds * 1000).rounded())
        let fraction = "\(thousandths % 1000)"
        return "\(thousandths / 1000)."
            + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
