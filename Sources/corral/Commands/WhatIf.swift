import ArgumentParser
import CorralCache
import CorralMemory

/// Says what would happen, without letting it happen.
struct WhatIf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Say what would happen if, without doing it.",
        subcommands: [WhatIfLoad.self]
    )
}

/// Says what would happen if a model were asked for.
struct WhatIfLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract:
            "Say what a request for a model would need, who would have to go, and how long it would wait."
    )

    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Option(help: "In which role: chat, embed or rerank. Default: what the model is for.")
    var role: ModelRole?

    @Option(help: "The tokens of context the request would need.")
    var context: Int?

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func validate() throws {
        guard context.map({ (0...Int(Int32.max)).contains($0) }) ?? true else {
            throw ValidationError("--context is a number of tokens.")
        }
    }

    func run() async throws {
        let console = Console.live()
        let query = Query(
            "/corral/v1/what-if",
            ["model": model, "role": role?.rawValue, "context": context.map { "\($0)" }]
        )
        let view: WhatIfView = try await daemon.client().get(query.path)
        if output.json { return try console.print(json: view) }
        Self.show(view, console)
    }

    static func show(_ view: WhatIfView, _ console: Console) {
        let name = "\(view.model) (\(view.role))"
        let needed = DecisionText.bytes(view.needed)
        let free = DecisionText.bytes(view.free)
        let load = Duration.seconds(view.loadSeconds).brief
        let wait = Duration.seconds(view.waitSeconds).brief
        let victims = view.victims.count == 1 ? "1 model" : "\(view.victims.count) models"
        let answer =
            switch view.outcome {
            case "resident": "\(name) is in memory: a request would not wait."
            case "loading": "\(name) is being loaded: a request would wait about \(wait)."
            case "fits": "\(name) would be loaded into free memory, in about \(load)."
            case "evicts": "\(name) would be loaded in about \(load), once \(victims) had gone."
            case "waits":
                "A request for \(name) would have to wait, about \(wait) or until others are done."
            case "refused":
                "\(name) would be refused (\(view.code ?? "unknown")): \(view.message ?? "")"
            default: "\(name): \(view.outcome)"
            }
        console.print(console.styled(answer, .bold))
        if view.contextTokens > 0 {
            console.print("It would offer \(view.contextTokens) tokens of context to a request.")
        }
        if !["resident", "loading"].contains(view.outcome) {
            console.print(
                "It needs \(needed); \(free) are free of \(DecisionText.bytes(view.limit))."
            )
        }
        guard !view.candidates.isEmpty, !["resident", "loading", "fits"].contains(view.outcome)
        else { return }
        console.print()
        DecisionText.table(view.candidates).print(to: console)
    }
}
