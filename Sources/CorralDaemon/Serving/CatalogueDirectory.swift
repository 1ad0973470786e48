import CorralCache
import CorralCatalogue
import CorralServer

/// The catalogue as the server asks for it, whatever engine runs the models: what a model is loaded
/// with, the engine asks of the catalogue itself.
///
/// Every answer comes from the catalogue's listing as it stands; nothing here opens a file.
struct CatalogueDirectory<Options: Hashable & Sendable>: ModelDirectory {
    let catalogue: ModelCatalogue
    /// Has the folders searched soon, for a name that is unknown may be that of a new file.
    var searchSoon: @Sendable () -> Void = {}

    /// Every model in every role it can play.
    var entries: [ServedEntry<Options>] {
        catalogue.listing.entries.flatMap { entry in
            entry.roles.compactMap { Self.served(entry, as: $0) }
        }
    }

    func resolve(_ name: String, role: ModelRole?) -> ModelResolution<Options> {
        do throws(CatalogueError) {
            let entry = try catalogue.entry(named: name)
            let model = try entry.model(role)
            return Self.served(entry, as: model.role).map { .found($0) } ?? .unknown(nearest: [])
        } catch {
            switch error.code {
            case .wrongRole: return .wrongRole(error.message)
            default:
                searchSoon()
                return .unknown(nearest: error.suggestions)
            }
        }
    }

    private static func served(
        _ entry: CatalogueEntry,
        as role: ModelRole
    ) -> ServedEntry<Options>? {
        guard let model = try? entry.model(role) else { return nil }
        return ServedEntry(
            name: entry.name,
            aliases: entry.aliases,
            id: model,
            keepAlive: entry.overrides.keepAlive,
            // Pinned in the role the model is for, not in every role it could play.
            isPinned: entry.overrides.isPinned == true && role == entry.role,
            contextTokens: entry.facts.trainingContext,
            created: Int(entry.modified),
            facts: facts(of: entry)
        )
    }

    private static func facts(of entry: CatalogueEntry) -> ServedFacts {
        var facts = ServedFacts()
        facts.architecture = entry.facts.architecture
        facts.parameterCount = entry.facts.parameterCount
        facts.quantization = entry.facts.quantization
        facts.fileBytes = entry.fileBytes.rawValue
        facts.embeddingWidth = entry.facts.embeddingWidth
        facts.abilities = entry.facts.abilities
        if entry.projector != nil { facts.abilities.insert("vision") }
        facts.defaults = entry.nameDefaults.mapValues {
            ServedDefaults(
                system: $0.system,
                contextTokens: $0.contextTokens,
                stops: $0.stops
            )
        }
        return facts
    }
}
