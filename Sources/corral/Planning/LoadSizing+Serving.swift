import CorralCache
import CorralCatalogue
import CorralLlamaServer
import CorralPlanner

extension LoadSizing {
    /// How `serve` loads a model: with what is set for it, and the engine's defaults.
    ///
    /// - Parameters:
    ///   - subject: The model.
    ///   - role: What it is loaded for; what the model is for when `nil`.
    ///   - process: What process holds it: a llama-server, or the daemon's own.
    ///   - machine: The machine.
    ///   - change: Changes what is set for it.
    /// - Throws: Where its projector cannot be read.
    init(
        serving subject: PlanSubject,
        as role: ModelRole? = nil,
        process: LoadOptions.Process = .llamaServer,
        machine: Machine,
        _ change: (inout LoadSettings) -> Void = { _ in }
    ) throws {
        var options = LlamaServerOptions(subject.overrides)
        options.projector = subject.projector
        change(&options.load)
        let role = role ?? subject.role
        self.init(
            options.load,
            role: role,
            process: process,
            accelerators: machine.accelerators,
            cpu: machine.cpu,
            threads: machine.threads
        )
        // The in-process engine sees no pictures.
        if process == .llamaServer { load.projector = try options.projectorPlan(for: role) }
    }
}

extension LoadSettings {
    /// What a person set for a model, and the defaults for the rest.
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
