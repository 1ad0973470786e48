import CorralCache
import CorralCatalogue
import CorralLlamaServer
import CorralMemory
import CorralServer

/// The catalogue as the server asks for it, whatever engine runs the models: what a model is loaded
/// with, the engine asks of the catalogue itself.
struct CatalogueDirectory: ModelDirectory {
    let catalogue: ModelCatalogue

    /// Every model in every role it can play.
    var models: ServedModels { Self.served(catalogue.listing()) }

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
            // Pinned for what it is for, not for everything it could do.
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

extension LlamaServerOptions {
    /// What a person set for a model, and the engine's defaults for the rest.
    init(_ overrides: ModelOverrides, alias: String? = nil) {
        self.init(alias: alias)
        contextTokens = overrides.contextTokens
        slots = overrides.slots ?? slots
        keyCacheType = overrides.keyCacheType ?? keyCacheType
        valueCacheType = overrides.valueCacheType ?? valueCacheType
        gpuLayers = overrides.gpuLayers
        threads = overrides.threads
        extraArguments = overrides.arguments ?? []
    }
}
