public import ArgumentParser
public import CorralCache
import CorralWire

extension ModelRole: ExpressibleByArgument {}

/// Loads a model before it is needed.
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a model before somebody needs it."
    )

    @Argument(help: "The model's name; see `corral list`.")
    var model: String

    @Option(help: "What for: chat, embed or rerank. Default: what the model is for.")
    var role: ModelRole?

    @Option(help: "How long it may then stay idle, such as 10m; -1 until evicted.")
    var keepAlive: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let console = Console.live()
        let answer: LoadAnswer = try await daemon.client().get(
            WirePath.load,
            ManagementRequest(model: model, role: role?.rawValue, keepAlive: keepAlive)
        )
        if output.json { return try console.print(json: answer) }
        let took = Duration.milliseconds(answer.loadMs).brief
        console.print("\(answer.model) is loaded for \(answer.role) (\(took)).")
    }
}
