import ArgumentParser
import CorralCache
import CorralWire

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

/// The arguments and options of `pin` and `unpin`.
struct PinOptions: ParsableArguments {
    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Option(help: "Only in one role: chat, embed or rerank.")
    var role: ModelRole?

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func apply(pinned: Bool) async throws {
        let console = Console.live()
        let answer: PinAnswer = try await daemon.client().get(
            WirePath.pin,
            ManagementRequest(model: model, role: role?.rawValue, pinned: pinned)
        )
        if output.json { return try console.print(json: answer) }
        for model in answer.models {
            console.print(
                "\(model.model) (\(model.role)) is \(pinned ? "pinned" : "not pinned any more")."
            )
        }
    }
}
