import CorralCache
import CorralCatalogue
import CorralServer
import Synchronization

/// The catalogue as the server asks for it, whatever engine runs the models: what a model is loaded
/// with, the engine asks of the catalogue itself.
final class CatalogueDirectory: ModelDirectory {
    private let catalogue: ModelCatalogue
    private let search: @Sendable () async -> Void
    /// What was made of the listing of a revision.
    private let made: Mutex<(revision: Int, models: ServedModels)>

    /// Creates a directory.
    ///
    /// - Parameters:
    ///   - catalogue: Knows the models.
    ///   - search: Has the folders searched anew, where that holds up nobody, and returns then.
    init(_ catalogue: ModelCatalogue, search: @escaping @Sendable () async -> Void) {
        self.catalogue = catalogue
        self.search = search
        let (revision, listing) = catalogue.published
        made = Mutex((revision, Self.served(listing)))
    }

    /// Every model in every role it can play, as the last search found them.
    var models: ServedModels {
        let (revision, listing) = catalogue.published
        return made.withLock { made in
            if made.revision != revision { made = (revision, Self.served(listing)) }
            return made.models
        }
    }

    /// The same after another search: a name that is unknown may be that of a new file.
    func refreshed() async -> ServedModels {
        await search()
        return models
    }

    private static func served(_ listing: CatalogueListing) -> ServedModels {
        ServedModels(
            listing.entries.flatMap { entry in
                entry.roles.compactMap { Self.served(entry, as: $0) }
            },
            spelling: CatalogueListing.spelled
        )
    }

    private static func served(
        _ entry: CatalogueEntry,
        as role: ModelRole
    ) -> ServedEntry? {
        guard let model = try? entry.model(role) else { return nil }
        return ServedEntry(
            name: entry.name,
            aliases: entry.aliases,
            id: model,
            otherPaths: entry.places.map(\.path),
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
