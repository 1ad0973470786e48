import ArgumentParser
import CorralCache

/// Protects a model from eviction.
struct Pin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Protect a model from eviction, in memory or not yet."
    )

    @OptionGroup var options: PinOptions

    func run() async throws { try await options.apply(pinned: true) }
}

/// Takes the protection back.
struct Unpin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a pinned model be evicted.")

    @OptionGroup var options: PinOptions

    func run() async throws { try await options.apply(pinned: false) }
}

/// What both take.
struct PinOptions: ParsableArguments {
    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Option(help: "Only in one role: chat, embed or rerank.")
    var role: ModelRole?

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    private struct Answer: Codable {
        var pinned: Bool
        var models: [NamedModel]
    }

    func apply(pinned: Bool) async throws {
        let console = Console.live()
        let answer: Answer = try await daemon.client().get(
            "/corral/v1/pin",
            ModelRequest(model: model, role: role, pinned: pinned)
        )
        if output.json { return try console.print(json: answer) }
        for model in answer.models {
            console.print(
                "\(model.model) (\(model.role)) is \(pinned ? "pinned" : "not pinned any more")."
            )
        }
    }
}
