import CorralCache
import CorralCatalogue
import CorralDaemon
import CorralGGUF
import CorralPlanner
import Foundation

/// A model to be planned: its file, and what is set for it.
struct PlanSubject: Sendable {
    var name: String
    var path: String
    var role: ModelRole
    var overrides: ModelOverrides
    var model: ModelDescription
    /// What process would hold it: a llama-server, or the daemon's own.
    var process: LoadOptions.Process
    /// The file that turns images or sound into its tokens.
    var projector: String?

    /// Finds models by path or by name.
    ///
    /// - Throws: Where a file cannot be read or nothing is called so.
    static func find(_ names: [String], _ settings: Settings) throws -> [PlanSubject] {
        let environment = UserEnvironment.current
        let listing = ModelCatalogue(settings).search()
        return try names.map { name in
            let path = environment.path(name)
            // A name in the catalogue may look like a path; a file that is there goes first.
            let isFile = FileManager.default.fileExists(atPath: path)
            guard isFile || name.lowercased().hasSuffix(".gguf") else {
                let entry = try listing.entry(named: name)
                return try PlanSubject(entry, settings)
            }
            if isFile, let entry = try? listing.entry(named: path) {
                return try PlanSubject(entry, settings)
            }
            // A header alone will do: a plan before the download.
            let model = try ModelDescription(GGUFFile(path: path, requiresData: false))
            return PlanSubject(
                name: (path as NSString).lastPathComponent,
                path: path,
                role: model.role,
                overrides: settings.models,
                model: model,
                process: settings.process
            )
        }
    }
}

extension PlanSubject {
    /// A model of the catalogue.
    init(_ entry: CatalogueEntry, _ settings: Settings) throws {
        self.init(
            name: entry.name,
            path: entry.path,
            role: entry.role,
            overrides: settings.models.overridden(by: entry.overrides),
            model: try ModelDescription(GGUFFile(path: entry.path)),
            process: settings.process,
            projector: entry.projector
        )
    }
}

extension Settings {
    /// What process holds the models of the engine that is set.
    fileprivate var process: LoadOptions.Process {
        switch engine {
        case .llamaServer: .llamaServer
        case .inProcess: .host
        }
    }
}
