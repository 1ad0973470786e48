import ArgumentParser
import CorralCache
import CorralCatalogue
import CorralGGUF
import CorralMemory
import CorralPlanner

/// Shows the models that were found.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the models in the folders, and whether they fit.",
        discussion: "Works without a daemon; where one runs, it also tells what is in memory."
    )

    @OptionGroup var catalogue: CatalogueOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let settings = try catalogue.settings()
        // A daemon is welcome but not needed; where none listens, that shows at once.
        let status: DaemonStatus? = try? await daemon.client().get("/corral/v1/status")
        try execute(Console.live(), settings: settings, machine: Machine(), status: status)
    }

    func execute(
        _ console: Console,
        settings: Settings,
        machine: Machine,
        status: DaemonStatus? = nil
    ) throws {
        let listing = ModelCatalogue(settings).listing()
        let budget = settings.memory.resolved(for: try machine.memory())
        let rows = listing.entries.map { entry in
            ListedModel(
                entry,
                settings: settings,
                machine: machine,
                budget: budget,
                status: status
            )
        }
        if output.json { return try console.print(json: rows) }
        if rows.isEmpty {
            let folders = settings.folders.joined(separator: ", ")
            console.print("No models were found in \(folders).")
        } else {
            ListedModel.table(rows).print(to: console)
        }
        for file in listing.unusable where !file.isHelper {
            console.note("\(console.styled("unusable:", .yellow)) \(file.reason)")
        }
        for name in listing.unmatchedOverrides {
            console.note("The configuration has a section for \(name), which is no model here.")
        }
    }
}
