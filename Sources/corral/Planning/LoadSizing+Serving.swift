import CorralDaemon
import CorralLlamaServer
import CorralMemory
import CorralPlanner

extension LoadSizing {
    /// How `serve` loads a model: with what is set for it, and the defaults of the engine that is set.
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
        _ change: (inout LoadSettings) -> Void = { _ in }
    ) throws {
        var options = LlamaServerOptions(subject.overrides)
        options.projector = subject.projector
        change(&options.load)
        let role = role ?? subject.role
        self.init(
            options.load,
            role: role,
            process: subject.process,
            accelerators: machine.accelerators,
            cpu: machine.cpu,
            threads: machine.threads
        )
        // The in-process engine sees no pictures.
        if subject.process == .llamaServer { load.projector = try options.projectorPlan(for: role) }
    }
}
