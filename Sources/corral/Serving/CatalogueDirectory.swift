import CorralCache
import CorralCatalogue
import CorralLlamaServer
import CorralMemory
import CorralPlanner
import CorralServer

/// The catalogue as the server asks for it, whatever engine runs the models: what a model is loaded
/// with, the engine asks of the catalogue itself.
struct CatalogueDirectory<Options: Hashable & Sendable>: ModelDirectory {
    let catalogue: ModelCatalogue

    /// Every model in every role it can play.
    var entries: [ServedEntry<Options>] {
        catalogue.listing().entries.flatMap { entry in
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
            default: return .unknown(nearest: error.suggestions)
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
        self.init(
            LoadSettings(overrides),
            alias: alias,
            extraArguments: overrides.arguments ?? []
        )
    }
}
