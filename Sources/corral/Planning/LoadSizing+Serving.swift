import CorralCache
import CorralDaemon
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
    /// - Throws: Where its projector cannot be read.
    init(
        serving subject: PlanSubject,
        as role: ModelRole? = nil,
        machine: Machine,
        _ change: (inout LlamaServerOptions) -> Void = { _ in }
    ) throws {
        var options = LlamaServerOptions(subject.overrides)
        options.projector = options.projector ?? subject.projector
        change(&options)
        let role = role ?? subject.role
        self.init(
            options,
            role: role,
            accelerators: machine.accelerators,
            cpu: machine.cpu,
            threads: machine.threads
        )
        load.projector = try options.projectorPlan(for: role)
    }
}
