import ArgumentParser
import CorralDaemon
import CorralGGUF
import CorralMemory

/// Shows what a GGUF file says.
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a GGUF file's metadata and tensors, without a daemon."
    )

    @Argument(help: "A GGUF file; of a split model the first part.")
    var file: String

    @Flag(inversion: .prefixedNo, help: "List the tensors.")
    var tensors = true

    @Option(
        help: ArgumentHelp("Read the header so often and print the best seconds.", valueName: "n")
    )
    var time: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let time, time < 1 { throw ValidationError("--time is a number from 1.") }
    }

    func run() async throws { try execute(Console.live()) }

    func execute(_ console: Console) throws {
        let path = UserEnvironment.current.path(file)
        if let time { return try measure(path, rounds: time, console) }
        let file = try GGUFFile(path: path)
        let report = InspectReport(file, tensors: tensors)
        if output.json { return try console.print(json: report) }
        report.print(to: console)
    }

    /// Times the reader alone: opening, reading and parsing, as a new process would.
    private func measure(_ path: String, rounds: Int, _ console: Console) throws {
        let clock = ContinuousClock()
        var best = Duration.seconds(86_400)
        for _ in 0..<rounds {
            let start = clock.now
            let file = try GGUFFile(path: path)
            best = min(best, clock.now - start)
            // Used, so that the reading cannot be left out.
            guard !file.shards.isEmpty else { return }
        }
        if output.json {
            try console.print(json: ["seconds": best.inSeconds])
        } else {
            console.print("\(best.inSeconds)")
        }
    }
}
