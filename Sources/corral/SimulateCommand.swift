import ArgumentParser
import CorralMemory
import CorralSimulator
import Foundation

/// Replays recorded requests with the cache's own policies.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Replay requests to see which policy and budget suit them.",
        discussion: """
            Requests are lines of time_s,model,service_s; models are lines of \
            model,resident_bytes and columns of load seconds. Both may be packed by gzip. Without \
            --untimed, loads take their time and requests wait for them.
            """
    )

    @Option(help: "The requests, as CSV.")
    var requests: String

    @Option(help: "The models, as CSV.")
    var models: String

    @Option(help: "The column of load seconds.")
    var cost = "load_s_linear"

    @Option(
        help: "The memory there is, such as 96GB.",
        transform: { text in
            guard let bytes = ByteCount(parsing: text) else {
                throw ValidationError("“\(text)” is no size; write it as 96GB or 64GiB.")
            }
            return bytes
        }
    )
    var budget: ByteCount

    @Option(
        help: """
            Policies, with commas between: value, lru, offline (knows the future), and any of \
            them with an idle limit in seconds, such as lru-ttl300.
            """
    )
    var policy = "value,lru,offline"

    @Flag(help: "Let loads take no time, and serve every request at once.")
    var untimed = false

    @Option(help: "Give a request up after so many seconds; 0 lets it wait for ever.")
    var patience = 600.0

    @Option(help: "Write the results as CSV to this file, or - for standard output.")
    var csv: String?

    @Option(help: "Draw resident memory, loads and evictions as SVG to this file.")
    var svg: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard patience >= 0, patience.isFinite else {
            throw ValidationError("--patience is a number of seconds from 0.")
        }
        guard budget > .zero else {
            throw ValidationError("--budget is a size above zero, such as 96GB or 64GiB.")
        }
    }

    func run() async throws { try execute(Console.live()) }

    func execute(_ console: Console) throws {
        do {
            try replay(console)
        } catch let error as SimulationError {
            throw CommandFailure(error.code == .unknownPolicy ? .usage : .data, "\(error)")
        }
    }

    private func replay(_ console: Console) throws {
        let policies = try policy.split(separator: ",").map { name in
            try SimulatedPolicy(named: String(name.filter { !$0.isWhitespace }))
        }
        let workload = try Workload(requests: contents(of: requests), models: contents(of: models))
        let simulator = try Simulator(workload, cost: cost, budget: budget)
        let mode: Simulator.Mode =
            untimed ? .untimed : .timed(patience: patience > 0 ? patience : nil)
        let results = policies.map { simulator.run($0, mode: mode) }
        if let svg {
            try write(ResidencyChart(results, of: workload, budget: budget).svg, to: svg, console)
        }
        if let csv { try write(SimulationResult.table(results), to: csv, console) }
        if output.json {
            try console.print(json: Report(results: results.map(Report.Row.init)))
        } else if csv != "-", svg != "-" {
            table(results).print(to: console)
        }
    }

    private func contents(of file: String) throws -> [UInt8] {
        let path = UserEnvironment.current.path(file)
        do {
            return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw CommandFailure(.input, "\(file) cannot be read: \(error.localizedDescription)")
        }
    }

    private func write(_ text: String, to file: String, _ console: Console) throws {
        if file == "-" { return console.write(text) }
        let path = UserEnvironment.current.path(file)
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(
                .failure,
                "\(file) cannot be written: \(error.localizedDescription)"
            )
        }
    }

    private func table(_ results: [SimulationResult]) -> Table {
        var table = Table([
            .text("POLICY"), .number("LOAD SECONDS"), .number("LOADS"), .number("EVICTIONS"),
            .number("HITS"), .number("MEAN WAIT"), .number("P99 WAIT"), .number("REFUSED"),
        ])
        for result in results {
            let mean = result.waitSeconds / Double(max(1, result.waits.count))
            table.add([
                result.policy,
                "\(Int(result.loadSeconds.rounded()))",
                "\(result.loads)",
                "\(result.evictions)",
                "\((result.hitRatio * 1000).rounded() / 10) %",
                Duration.seconds(mean).brief,
                Duration.seconds(result.wait(quantile: 0.99)).brief,
                "\(result.refusals)",
            ])
        }
        return table
    }

    /// What programs read.
    private struct Report: Encodable {
        struct Row: Encodable {
            var policy: String
            var loadSeconds: Double
            var loads: Int
            var evictions: Int
            var expirations: Int
            var requests: Int
            var hitRatio: Double
            var refusals: Int
            var waitSeconds: Double
            var waitP50: Double
            var waitP99: Double

            init(_ result: SimulationResult) {
                policy = result.policy
                loadSeconds = result.loadSeconds
                loads = result.loads
                evictions = result.evictions
                expirations = result.expirations
                requests = result.requests
                hitRatio = result.hitRatio
                refusals = result.refusals
                waitSeconds = result.waitSeconds
                waitP50 = result.wait(quantile: 0.5)
                waitP99 = result.wait(quantile: 0.99)
            }
        }

        var results: [Row]
    }
}
