import ArgumentParser
import CorralCache
import CorralCatalogue
import CorralDaemon
import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralWire

/// Shows the models that were found.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the models that were found, where each is, and whether it fits.",
        discussion: """
            Works without a daemon; where one runs, it also tells what is in memory. --all shows, \
            too, what is no model or cannot be used, and why a model has a longer name.
            """
    )

    @Flag(name: .shortAndLong, help: "Also show what cannot be used, and why.")
    var all = false

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
        let listing = ModelCatalogue(settings).search()
        let host = try machine.memory()
        let budget = settings.memory.resolved(for: host)
        let memory =
            status.map { MemoryNow($0) } ?? MemoryNow(budget: budget, available: host.available)
        let rows = listing.entries.map { entry in
            ListedModel(entry, settings: settings, machine: machine, memory: memory, status: status)
        }
        let unusable = listing.unusable.map { UnusableRow($0) }
        if output.json {
            guard all else { return try console.print(json: rows) }
            return try console.print(json: Everything(models: rows, unusable: unusable))
        }
        if rows.isEmpty {
            let folders = settings.folders.joined(separator: ", ")
            console.print("No models were found in \(folders), nor in another tool's store.")
        } else {
            ListedModel.table(rows).print(to: console)
        }
        if all {
            explain(listing, console)
            UnusableRow.print(unusable, to: console)
        } else {
            hint(listing, console)
        }
        for name in listing.unmatchedOverrides {
            console.note("The configuration has a section for \(name), which is no model here.")
        }
    }

    /// Says of models with longer names who has the shorter.
    private func explain(_ listing: CatalogueListing, _ console: Console) {
        for entry in listing.entries {
            guard let wanted = entry.shorterName else { continue }
            let others = listing.holders(of: wanted).filter { $0.path != entry.path }
            let names = others.map { "\($0.name) (\($0.store.rawValue))" }
            console.note(
                "\(entry.name) is not called \(wanted): that is, or could be, "
                    + "\(names.joined(separator: ", "))."
            )
        }
    }

    /// Tells what a person should know without asking, and how to ask for the rest.
    private func hint(_ listing: CatalogueListing, _ console: Console) {
        let told = listing.unusable.filter(\.isNoteworthy)
        for file in told {
            console.note("\(console.styled("unusable:", .yellow)) \(file.reason)")
        }
        let rest = listing.unusable.count { !$0.isNoteworthy && $0.kind != .helper }
        guard rest > 0 else { return }
        let what = rest == 1 ? "1 more file or folder" : "\(rest) more files or folders"
        console.note("\(what) cannot be used; `corral list --all` says why.")
    }

    private struct Everything: Encodable {
        var models: [ListedModel]
        var unusable: [UnusableRow]
    }
}

/// A file that gives no model as `corral list --all` shows it.
struct UnusableRow: Encodable {
    var path: String
    var store: String
    var kind: String
    var reason: String

    init(_ file: UnusableFile) {
        path = file.path
        store = file.store.rawValue
        kind = file.kind.rawValue
        reason = file.reason
    }

    static func print(_ rows: [UnusableRow], to console: Console) {
        guard !rows.isEmpty else { return }
        console.print()
        var table = Table([.text("NOT USED"), .text("FROM"), .flexible("WHY")])
        for row in rows { table.add([row.kind, row.store, row.reason]) }
        table.print(to: console)
    }
}
