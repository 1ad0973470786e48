import ArgumentParser
import CorralCache

/// Unloads models.
struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Unload models: now if idle, else when their last answer ends."
    )

    @Argument(help: "The models' names; see `corral ps`.")
    var models: [String] = []

    @Flag(help: "Unload every model, pinned ones too.")
    var all = false

    @Option(help: "Only in one role: chat, embed or rerank.")
    var role: ModelRole?

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    private struct Answer: Codable {
        var unloaded: [NamedModel]
    }

    func validate() throws {
        guard models.isEmpty == all else {
            throw ValidationError("Name the models to unload, or say --all.")
        }
    }

    func run() async throws {
        let (console, client) = (Console.live(), try daemon.client())
        let requests =
            all
            ? [ModelRequest(all: true)] : models.map { ModelRequest(model: $0, role: role) }
        var unloaded: [NamedModel] = []
        for request in requests {
            let answer: Answer = try await client.get("/corral/v1/unload", request)
            unloaded += answer.unloaded
        }
        if output.json { return try console.print(json: Answer(unloaded: unloaded)) }
        for model in unloaded { console.print("\(model.model) (\(model.role)) is unloaded.") }
        if unloaded.isEmpty { console.print("Nothing of that was in memory.") }
    }
}
