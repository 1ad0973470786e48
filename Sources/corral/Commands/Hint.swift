import ArgumentParser
import CorralCache
import CorralWire

/// Tells the daemon what will be asked for next.
struct Hint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say which models will be wanted soon, the next one first.",
        discussion: """
            Corral loads them into memory that nobody uses, or evicts another where that is worth \
            it; a request for anything else goes first. Programs use POST /corral/v1/hint or the \
            header X-Corral-Next.
            """
    )

    @Argument(help: "The models' names; see `corral list`.")
    var models: [String]

    @Option(help: "In which role: chat, embed or rerank. Default: what the model is for.")
    var role: ModelRole?

    @Option(help: ArgumentHelp("How soon they will be wanted, such as 2m.", valueName: "time"))
    var within: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func validate() throws { _ = try seconds() }

    private func seconds() throws -> Double? {
        guard let within else { return nil }
        guard case .idle(let duration) = KeepAlive(parsing: within) else {
            throw ValidationError("“\(within)” is no time; write it as 30s or 2m.")
        }
        return duration.inSeconds
    }

    func run() async throws {
        let console = Console.live()
        let request = HintRequest(
            models: models,
            role: role?.rawValue,
            withinSeconds: try seconds()
        )
        let answer: HintAnswer = try await daemon.client().get(WirePath.hint, request)
        if output.json { return try console.print(json: answer) }
        for outcome in answer.models {
            let what =
                switch outcome.result {
                case "resident": "is in memory or on its way"
                case "loading": "is being loaded"
                case "reading": "is being read into the page cache"
                case "pending": "will be loaded when there is room"
                default: "will not be loaded"
                }
            let reason = outcome.reason.map { ": \($0)" } ?? ""
            console.print("\(outcome.model) (\(outcome.role)) \(what)\(reason)")
        }
    }
}
