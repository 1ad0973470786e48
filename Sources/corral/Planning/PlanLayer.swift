import ArgumentParser

/// The two ways to predict what a model takes.
enum PlanLayer: String, CaseIterable, Codable, Sendable, ExpressibleByArgument {
    /// The planner, from the header alone.
    case analytic
    /// llama.cpp itself, which builds the model without its weights.
    case dryRun = "dry-run"
}
