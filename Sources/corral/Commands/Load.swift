public import ArgumentParser
public import CorralCache

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

    private struct Answer: Codable {
        var model: String
        var role: String
        var state: String
        var loadMs: Int
    }

    func run() async throws {
        let console = Console.live()
        let answer: Answer = try await daemon.client().get(
            "/corral/v1/load",
            ModelRequest(model: model, role: role, keepAlive: keepAlive)
        )
        if output.json { return try console.print(json: answer) }
        let took = Duration.milliseconds(answer.loadMs).brief
        console.print("\(answer.model) is loaded for \(answer.role) (\(took)).")
    }
}

/// What the management routes take.
struct ModelRequest: Encodable {
    var model: String?
    var role: ModelRole?
    var keepAlive: String?
    var all: Bool?
    var pinned: Bool?
}

/// What the management routes answer with.
struct NamedModel: Codable, Hashable {
    var model: String
    var role: String
}
