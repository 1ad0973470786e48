import CorralCache
import CorralLlamaServer
import CorralPlanner

extension LoadSizing {
    /// How `serve` loads a model: with what is set for it, and the engine's defaults.
    ///
    /// - Parameters:
    ///   - subject: The model.
    ///   - role: What it is loaded for; what the model is for when `nil`.
    ///   - machine: The machine.
    ///   - change: Changes what is set for it.
    init(
        serving subject: PlanSubject,
        as role: ModelRole? = nil,
        machine: Machine,
        _ change: (inout LlamaServerOptions) -> Void = { _ in }
    ) {
        var options = LlamaServerOptions(subject.overrides)
        change(&options)
        self.init(
            options,
            role: role ?? subject.role,
            accelerators: machine.accelerators,
            cpu: machine.cpu,
            threads: machine.threads
        )
    }
}
