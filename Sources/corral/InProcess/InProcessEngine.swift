#if CORRAL_LLAMA
import CorralCache
import CorralCatalogue
import CorralLlama
import CorralLlamaServing
import CorralPlanner
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
                let defaults = live.current.models
                var load = LoadSettings(
                    entry.map { defaults.overridden(by: $0.overrides) } ?? defaults
                )
                // What is set for every model is meant for those that chat; the others have no
                // positions beyond those they were trained on.
                if model.role != .chat, let asked = load.contextTokens,
                    let trained = entry?.facts.trainingContext
                {
                    load.contextTokens = min(asked, trained)
                }
                return LlamaOptions(load)
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
#endif
