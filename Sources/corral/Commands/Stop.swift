import ArgumentParser
import CorralCache
import CorralWire

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

    func validate() throws {
        guard models.isEmpty == all else {
            throw ValidationError("Name the models to unload, or say --all.")
        }
    }

    func run() async throws {
        let (console, client) = (Console.live(), try daemon.client())
        let requests =
            all
            ? [ManagementRequest(all: true)]
            : models.map { ManagementRequest(model: $0, role: role?.rawValue) }
        var unloaded: [NamedModel] = []
        for request in requests {
            let answer: UnloadAnswer = try await client.get(WirePath.unload, request)
            unloaded += answer.unloaded
        }
        if output.json { return try console.print(json: UnloadAnswer(unloaded: unloaded)) }
        for model in unloaded { console.print("\(model.model) (\(model.role)) is unloaded.") }
        if unloaded.isEmpty { console.print("Nothing of that was in memory.") }
    }
}
