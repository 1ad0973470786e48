import ArgumentParser
import CorralCache
import CorralWire

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
        let path = WirePath.query(
            WirePath.whatIf,
            ["model": model, "role": role?.rawValue, "context": context.map { "\($0)" }]
        )
        let answer: WhatIfAnswer = try await daemon.client().get(path)
        if output.json { return try console.print(json: answer) }
        Self.show(answer, console)
    }

    static func show(_ forecast: WhatIfAnswer, _ console: Console) {
        let name = "\(forecast.model) (\(forecast.role))"
        let needed = DecisionText.bytes(forecast.needed)
        let free = DecisionText.bytes(forecast.free)
        let load = Duration.seconds(forecast.loadSeconds).brief
        let wait = Duration.seconds(forecast.waitSeconds).brief
        let victims = forecast.victims.count == 1 ? "1 model" : "\(forecast.victims.count) models"
        let answer =
            switch forecast.outcome {
            case "resident": "\(name) is in memory: a request would not wait."
            case "loading": "\(name) is being loaded: a request would wait about \(wait)."
            case "fits": "\(name) would be loaded into free memory, in about \(load)."
            case "evicts": "\(name) would be loaded in about \(load), once \(victims) had gone."
            case "waits":
                "A request for \(name) would have to wait, about \(wait) or until others are done."
            case "refused":
                "\(name) would be refused (\(forecast.code ?? "unknown")): \(forecast.message ?? "")"
            default: "\(name): \(forecast.outcome)"
            }
        console.print(console.styled(answer, .bold))
        if forecast.contextTokens > 0 {
            console.print(
                "It would offer \(forecast.contextTokens) tokens of context to a request."
            )
        }
        if !["resident", "loading"].contains(forecast.outcome) {
            console.print(
                "It needs \(needed); \(free) are free of \(DecisionText.bytes(forecast.limit))."
            )
        }
        guard !forecast.candidates.isEmpty,
            !["resident", "loading", "fits"].contains(forecast.outcome)
        else { return }
        console.print()
        DecisionText.table(forecast.candidates).print(to: console)
    }
}
