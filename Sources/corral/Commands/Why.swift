import ArgumentParser
import CorralCache
import CorralWire

/// Explains what became of a model.
struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why a model was evicted, kept, loaded in advance or refused.",
        discussion: """
            Shows the last decisions that concern the model, the latest first, with what the \
            eviction policy thought of each model that might have gone: what it holds, how long \
            it takes to bring back and when it is expected to be used again.
            """
    )

    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Option(help: "In which role: chat, embed or rerank. Default: what the model is for.")
    var role: ModelRole?

    @Option(name: .shortAndLong, help: "The decisions to show at most.")
    var limit = 5

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let console = Console.live()
        let path = WirePath.query(WirePath.why, ["model": model, "role": role?.rawValue])
        var answer: WhyAnswer = try await daemon.client().get(path)
        if output.json {
            answer.decisions = Array(answer.decisions.prefix(max(0, limit)))
            return try console.print(json: answer)
        }
        Self.show(answer, limit: limit, console)
    }

    static func show(_ answer: WhyAnswer, limit: Int, _ console: Console) {
        let state =
            answer.state == "absent" ? "not in memory" : answer.state.replacing("_", with: " ")
        console.print(console.styled("\(answer.model) (\(answer.role)) is \(state).", .bold))
        if answer.decisions.isEmpty {
            console.print("Nothing was decided about it lately.")
        }
        let asked = NamedModel(model: answer.model, role: answer.role)
        for decision in answer.decisions.prefix(max(0, limit)) {
            console.print()
            console.print(DecisionText.headline(decision, about: asked))
            guard !decision.candidates.isEmpty else { continue }
            let width = console.width.map { $0 - 2 }
            for line in DecisionText.table(decision.candidates).lines(width: width) {
                console.print("  \(line)")
            }
        }
        let rest = answer.decisions.count - max(0, limit)
        if rest > 0 {
            console.print()
            console.print("\(rest) earlier; --limit \(answer.decisions.count) shows all.")
        }
    }
}
