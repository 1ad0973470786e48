import CorralCache
package import CorralCatalogue
package import CorralLlamaServer

#if CORRAL_LLAMA
package import CorralLlama
#endif

/// What the engine that the settings choose loads a model with.
///
/// The one place where settings become an engine's options: for loading, and for telling whether
/// changed settings mean that a model has to be loaded again.
enum EngineOptions: Hashable, Sendable {
    case llamaServer(LlamaServerOptions)
    #if CORRAL_LLAMA
    case inProcess(LlamaOptions)
    #else
    /// This program was built without that engine, so that there is nothing to load with.
    case inProcess
    #endif

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
        case .llamaServer:
            return .llamaServer(serverOptions(for: entry, as: role))
        case .inProcess:
            #if CORRAL_LLAMA
            return .inProcess(libraryOptions(for: entry, as: role))
            #else
            return .inProcess
            #endif
        }
    }

    /// What llama-server loads a model with: as set for the model, else for all models, else by the
    /// store the model comes from, else as the engine has it.
    func serverOptions(for entry: CatalogueEntry?, as role: ModelRole) -> LlamaServerOptions {
        let all = (entry?.defaults ?? ModelOverrides()).overridden(by: models)
        var options = LlamaServerOptions(
            entry.map { all.overridden(by: $0.overrides) } ?? all,
            alias: entry?.name
        )
        // Pictures are shown to chat models alone.
        if role == .chat { options.projector = entry?.projector }
        return options
    }

    #if CORRAL_LLAMA
    /// What llama.cpp in this process loads a model with: as set for the model, else for all models,
    /// else as the engine has it.
    func libraryOptions(for entry: CatalogueEntry?, as role: ModelRole) -> LlamaOptions {
        var options = LlamaOptions(entry.map { models.overridden(by: $0.overrides) } ?? models)
        // A context that is set for all models is meant for those that chat; the others have no
        // positions beyond those they were trained on.
        if role != .chat, let asked = options.contextTokens,
            let trained = entry?.facts.trainingContext
        {
            options.contextTokens = min(asked, trained)
        }
        return options
    }
    #endif
}

extension LlamaServerOptions {
    /// What a person set for a model, and the engine's defaults for the rest.
    package init(_ overrides: ModelOverrides, alias: String? = nil) {
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

#if CORRAL_LLAMA
extension LlamaOptions {
    /// What a person set for a model, and the engine's defaults for the rest.
    ///
    /// Arguments of llama-server mean nothing here.
    package init(_ overrides: ModelOverrides) {
        self.init(
            contextTokens: overrides.contextTokens,
            slots: overrides.slots,
            gpuLayers: overrides.gpuLayers,
            threads: overrides.threads
        )
        keyCacheType = overrides.keyCacheType ?? keyCacheType
        valueCacheType = overrides.valueCacheType ?? valueCacheType
    }
}
#endif
