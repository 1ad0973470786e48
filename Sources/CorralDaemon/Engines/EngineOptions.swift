import CorralCache
package import CorralCatalogue
package import CorralLlamaServer
import CorralPlanner

/// What the engine that the settings choose loads a model with.
///
/// The one place where settings become an engine's options: for loading, and for telling whether
/// changed settings mean that a model has to be loaded again.
enum EngineOptions: Hashable, Sendable {
    case llamaServer(LlamaServerOptions)
    case inProcess(LoadSettings)

    /// The options without the name that answers give the model.
    var unnamed: EngineOptions {
        guard case .llamaServer(var options) = self else { return self }
        options.alias = nil
        return .llamaServer(options)
    }
}

extension Settings {
    /// What a model is loaded with by the engine that is set.
    func engineOptions(for entry: CatalogueEntry?, as role: ModelRole) -> EngineOptions {
        switch engine {
        case .llamaServer: .llamaServer(serverOptions(for: entry, as: role))
        case .inProcess: .inProcess(librarySettings(for: entry, as: role))
        }
    }

    /// What llama-server loads a model with.
    func serverOptions(for entry: CatalogueEntry?, as role: ModelRole) -> LlamaServerOptions {
        var options = LlamaServerOptions(overrides(for: entry), alias: entry?.name)
        // Pictures are shown to chat models alone.
        if role == .chat { options.projector = entry?.projector }
        return options
    }

    /// What llama.cpp in this process loads a model with.
    func librarySettings(for entry: CatalogueEntry?, as role: ModelRole) -> LoadSettings {
        var load = LoadSettings(overrides(for: entry))
        // A context that is set for all models is meant for those that chat; the others have no
        // positions beyond those they were trained on.
        if role != .chat, let asked = load.contextTokens,
            let trained = entry?.facts.trainingContext
        {
            load.contextTokens = min(asked, trained)
        }
        return load
    }

    /// As set for the model, else for all models, else by the store that the model comes from.
    private func overrides(for entry: CatalogueEntry?) -> ModelOverrides {
        let all = (entry?.defaults ?? ModelOverrides()).overridden(by: models)
        return entry.map { all.overridden(by: $0.overrides) } ?? all
    }
}

extension LlamaServerOptions {
    /// What a person set for a model, and the engine's defaults for the rest.
    package init(_ overrides: ModelOverrides, alias: String? = nil) {
        self.init(
            LoadSettings(overrides),
            alias: alias,
            extraArguments: overrides.arguments ?? []
        )
    }
}
