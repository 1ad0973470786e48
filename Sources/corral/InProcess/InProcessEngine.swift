#if CORRAL_LLAMA
import CorralCache
import CorralCatalogue
import CorralLlama
import Logging

extension Daemon {
    /// llama.cpp's library as the daemon's engine.
    func inProcessEngine(
        _ machine: Machine,
        _ catalogue: ModelCatalogue,
        _ live: LiveSettings,
        _ logger: Logger
    ) -> LlamaEngine {
        LlamaEngine(
            LlamaEngine.Configuration(machine),
            options: { model in
                let entry = catalogue.entry(at: model.path)
                let usual = live.current.models
                var options = LlamaOptions(
                    entry.map { usual.overridden(by: $0.overrides) } ?? usual
                )
                // What is set for every model is meant for those that chat; the others have no
                // positions beyond those they were trained on.
                if model.role != .chat, let asked = options.contextTokens,
                    let trained = entry?.facts.trainingContext
                {
                    options.contextTokens = min(asked, trained)
                }
                return options
            },
            logger: logger
        )
    }
}

extension LlamaEngine.Configuration {
    /// The machine as corral knows it.
    init(_ machine: Machine) {
        self.init(
            threads: machine.threads,
            cpu: machine.cpu,
            accelerators: machine.accelerators
        )
    }
}

extension LlamaOptions {
    /// What a person set for a model, and the engine's defaults for the rest.
    ///
    /// Arguments of llama-server mean nothing here.
    init(_ overrides: ModelOverrides) {
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
