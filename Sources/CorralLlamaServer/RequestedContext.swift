import CorralMemory
import CorralPlanner

/// What one request needs of a model, checked before anything is planned.
enum RequestedContext {
    /// Settles a model's options for a request.
    ///
    /// - Parameters:
    ///   - sizing: How the model is loaded.
    ///   - planner: The model's planner.
    ///   - asked: The context in its options, of one request.
    ///   - minimum: The tokens of context the request must have, or zero.
    ///   - limits: The most memory the model could be given.
    /// - Returns: The options with nothing left open, and what they take.
    /// - Throws: `PlanError` where llama.cpp would refuse the options, ``LlamaServerError`` where
    ///   more context is needed than the model has.
    static func settled(
        _ sizing: LoadSizing,
        _ planner: MemoryPlanner,
        asked: Int?,
        minimum: Int,
        limits: DomainBytes
    ) throws -> LoadSizing.Settled {
        if let asked, asked < 1 {
            throw LlamaServerError(
                .badArgument,
                "A context of \(asked) tokens was asked for; give at least 1, or none to have it chosen."
            )
        }
        // Everything will do where the file does not say.
        let trained = planner.model.trainingContext > 0 ? planner.model.trainingContext : .max
        guard minimum <= max(trained, asked ?? 0) else {
            throw LlamaServerError(
                .badArgument,
                "The request needs a context of \(minimum) tokens, but the model was trained on \(trained); shorten it or choose another model."
            )
        }
        var sizing = sizing
        sizing.leastContext = max(0, minimum)
        return try sizing.settled(planner, within: limits)
    }
}
