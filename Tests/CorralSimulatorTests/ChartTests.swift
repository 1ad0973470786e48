import CorralMemory
import Testing

@testable import CorralSimulator

@Suite struct ChartTests {
    private static let budget = ByteCount(4_000_000_000)

    /// Three models in turn, in a budget for one or two.
    private func workload() -> Workload {
        smallWorkload((0..<50).map { (time: Double($0) * 60, model: $0 % 3) })
    }

    private func runs(_ workload: Workload, _ policies: [String]) async throws -> [SimulationRun] {
        try await Simulator.runs(
            of: workload,
            costs: ["s"],
            budgets: [Self.budget],
            policies: policies.map { try SimulatedPolicy(named: $0) },
            mode: .untimed
        )
    }

    @Test func `the chart has a panel for each run and escapes names`() async throws {
        let workload = workload()
        var runs = try await runs(workload, ["lru", "value"])
        runs[1].result.policy = "a<b&c"
        let svg = ResidencyChart(runs, of: workload).svg
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        #expect(svg.split(separator: "class=\"h\"").count == 3)
        #expect(svg.contains("a&lt;b&amp;c<") && svg.contains("model &lt;2&gt;"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        #expect(svg.contains("class=\"l\"") && svg.contains("class=\"e\""))
    }

    @Test func `a model fills its columns for as long as it is resident`() {
        var result = SimulationResult(policy: "p")
        result.changes = [
            ResidencyChange(time: 0, kind: .loaded, model: 1, resident: 2_000_000_000),
            ResidencyChange(time: 25, kind: .evicted, model: 1, resident: 0),
            ResidencyChange(time: 30, kind: .loaded, model: 2, resident: 3_000_000_000),
        ]
        let bands = ResidencyBands(
            result,
            of: workload(),
            models: [2],
            columns: 4,
            end: 40
        )
        #expect(bands.bands.map(\.model) == [2, nil])
        #expect(bands.bands[0].bytes == [0, 0, 0, 3e9])
        #expect(bands.bands[1].bytes == [2e9, 2e9, 1e9, 0])
        #expect(bands.loads == [1, 0, 0, 1])
        #expect(bands.evictions == [0, 0, 1, 0])
    }

    @Test func `steps are walked there and back, equal ones at once`() {
        let path = SVG.steps(
            lower: [10, 10, 10],
            upper: [5, 5, 2.5],
            width: 2,
            fill: "#000"
        )
        #expect(path == "<path d=\"M0 5V5H4V2.5H6V10H0Z\" fill=\"#000\"/>")
    }

    @Test(arguments: [
        (50.0, ["0 s", "5 s"], 11), (7200.0, ["0 min", "10 min"], 13),
        (86_400.0 * 14, ["0 d", "1 d"], 15), (86_400.0 * 900, ["0 d", "112 d"], 9),
    ])
    func `times are told in the unit that suits them`(end: Double, first: [String], count: Int) {
        let ticks = AxisTicks.times(upTo: end, count: 14)
        #expect(ticks.prefix(2).map(\.label) == first)
        #expect(ticks.count == count)
    }

    @Test func `a replay that loads nothing is drawn too`() async throws {
        let workload = smallWorkload([(0, 0)])
        let run = SimulationRun(
            cost: "s",
            budget: Self.budget,
            isTimed: true,
            result: SimulationResult(policy: "none")
        )
        #expect(ResidencyChart([run], of: workload).svg.contains("0 loads"))
        #expect(ResidencyChart([], of: workload).svg.hasSuffix("</svg>\n"))
    }
}

@Suite struct RunTests {
    @Test func `every combination is replayed, in order`() async throws {
        var workload = smallWorkload([(0, 0), (1, 1), (2, 0), (3, 1)])
        for index in workload.models.indices { workload.models[index].loadSeconds["t"] = 7 }
        #expect(workload.costColumns == ["s", "t"])
        let runs = try await Simulator.runs(
            of: workload,
            costs: ["t", "s"],
            budgets: [ByteCount(2_000_000_000), ByteCount(4_000_000_000)],
            policies: [try SimulatedPolicy(named: "lru"), try SimulatedPolicy(named: "offline")],
            mode: .untimed
        )
        #expect(runs.map(\.cost) == ["t", "t", "t", "t", "s", "s", "s", "s"])
        #expect(runs.map { $0.budget.rawValue / 1_000_000_000 } == [2, 2, 4, 4, 2, 2, 4, 4])
        #expect(
            runs.map(\.result.policy)
                == Array(repeating: ["lru", "offline"], count: 4).flatMap(\.self)
        )
        #expect(runs.map(\.result.loadSeconds) == [28, 28, 14, 14, 6, 6, 3, 3])
        #expect(runs[0].isComparable(to: runs[1]) && !runs[0].isComparable(to: runs[2]))
        #expect(runs.map(\.budgetText).first == "2 GB")
    }

    @Test func `a model too large for one of the budgets is an error before anything else`() async {
        await #expect(throws: SimulationError.self) {
            try await Simulator.runs(
                of: smallWorkload([(0, 2)]),
                costs: ["s"],
                budgets: [ByteCount(4_000_000_000), ByteCount(2_000_000_000)],
                policies: [try SimulatedPolicy(named: "lru")],
                mode: .untimed
            )
        }
    }

    @Test func `runs as CSV have as many cells in every line`() async throws {
        let runs = try await Simulator.runs(
            of: smallWorkload([(0, 0), (1, 1)]),
            costs: ["s"],
            budgets: [ByteCount(4_000_000_000)],
            policies: [try SimulatedPolicy(named: "lru"), try SimulatedPolicy(named: "value")],
            mode: .untimed
        )
        let lines = SimulationRun.table(runs).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(Set(lines.map { $0.split(separator: ",").count }) == [16])
        #expect(lines[1] == "lru,s,4000000000,false,2,0,0.0,2,0,0,0,3.0,3.0,1.0,2.0,2.0")
    }
}
