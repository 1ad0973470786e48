import ArgumentParser
import CorralDaemon
import CorralMemory
import CorralSimulator
import Foundation

/// Replays recorded requests with the cache's own policies.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replay requests to see which policy and budget suit them.",
        discussion: """
            Requests are lines of time_s,model,service_s; models are lines of \
            model,resident_bytes and columns of load seconds, perhaps with name and store. Both \
            may be packed by gzip; `corral record` writes both. Loads take their time, one at a \
            time from each store, and requests hold their models and wait for others; with \
            --untimed every request is served at once and only the policy counts.

            For instance, what twice the memory would save:

              corral simulate --requests r.csv.gz --models m.csv --budget 12GiB,24GiB
            """
    )

    @Option(help: ArgumentHelp("The requests, as CSV.", valueName: "file"))
    var requests: String

    @Option(help: ArgumentHelp("The models, as CSV.", valueName: "file"))
    var models: String

    @Option(
        help: ArgumentHelp(
            "Columns of load seconds, with commas between. Default: load_s_linear, or the first.",
            valueName: "columns"
        )
    )
    var cost: String?

    @Option(
        help: ArgumentHelp(
            "The memory there is, such as 96GB; several with commas between.",
            valueName: "sizes"
        )
    )
    var budget: String

    @Option(
        help: """
            Policies, with commas between: value, lru, offline (knows the future), and any of \
            them with an idle limit in seconds, such as lru-ttl300.
            """
    )
    var policy = "value,lru,offline"

    @Flag(help: "Let loads take no time, and serve every request at once.")
    var untimed = false

    @Flag(help: "Load what usually follows before it is asked for (serve --prefetch predicted).")
    var predict = false

    @Option(
        help: ArgumentHelp(
            "Give a request up after so many seconds; 0 lets it wait for ever.",
            valueName: "seconds"
        )
    )
    var patience = 600.0

    @Option(
        help: ArgumentHelp(
            "Write the results as CSV to this file, or - for standard output.",
            valueName: "file"
        )
    )
    var csv: String?

    @Option(
        help: ArgumentHelp(
            "Draw resident memory, loads and evictions as SVG to this file, or -.",
            valueName: "file"
        )
    )
    var svg: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard patience >= 0, patience.isFinite else {
            throw ValidationError("--patience is a number of seconds from 0.")
        }
        guard !(untimed && predict) else {
            throw ValidationError("--predict needs loads that take time; leave --untimed out.")
        }
        _ = try budgets()
        guard [output.json, csv == "-", svg == "-"].count(where: \.self) < 2 else {
            throw ValidationError("Only one of --json, --csv - and --svg - can be written there.")
        }
    }

    func run() async throws { try await execute(Console.live()) }

    func execute(_ console: Console) async throws {
        do {
            try await replay(console)
        } catch let error as SimulationError {
            throw CommandFailure(error.code == .unknownPolicy ? .usage : .data, "\(error)")
        }
    }

    private func replay(_ console: Console) async throws {
        let policies = try Self.list(policy).map { try SimulatedPolicy(named: $0) }
        guard !policies.isEmpty else { throw ValidationError("--policy names no policy.") }
        let workload = try Workload(requests: contents(of: requests), models: contents(of: models))
        let runs = try await Simulator.runs(
            of: workload,
            costs: cost.map(Self.list) ?? Self.defaultCost(of: workload),
            budgets: try budgets(),
            policies: policies,
            mode: untimed
                ? .untimed : .timed(patience: patience > 0 ? patience : nil, predicts: predict)
        )
        if let svg { try write(ResidencyChart(runs, of: workload).svg, to: svg, console) }
        if let csv { try write(SimulationRun.table(runs), to: csv, console) }
        let report = SimulationReport(runs)
        if output.json {
            try console.print(json: report)
        } else if csv != "-", svg != "-" {
            report.table.print(to: console)
        }
    }

    private static func defaultCost(of workload: Workload) -> [String] {
        let columns = workload.costColumns
        return columns.contains("load_s_linear") ? ["load_s_linear"] : Array(columns.prefix(1))
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    private func budgets() throws -> [ByteCount] {
        let sizes = Self.list(budget)
        guard !sizes.isEmpty else { throw ValidationError("--budget names no size.") }
        return try sizes.map { text in
            guard let bytes = ByteCount(parsing: text), bytes > .zero else {
                throw ValidationError(
                    "“\(text)” is no size above zero; write it as 96GB or 64GiB."
                )
            }
            return bytes
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
        try OutputFile.write(Data(text.utf8), to: file)
    }
}

/// Files that commands write where they are told.
enum OutputFile {
    /// Writes a file whole or not at all.
    ///
    /// - Throws: ``CommandFailure`` where it cannot be written.
    static func write(_ data: Data, to file: String) throws {
        let path = UserEnvironment.current.path(file)
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(
                .failure,
                "\(file) cannot be written: \(error.localizedDescription)"
            )
        }
    }
}
