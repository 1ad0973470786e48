import CorralMemory
import CorralPlanner

/// A model, how it is loaded, and what that takes.
struct PlannedModel: Sendable {
    var subject: PlanSubject
    var load: LoadOptions
    var plan: MemoryPlan
    /// The largest context that fits into the memory there is; `nil` where none does.
    var largestContext: Int?

    /// Plans a model.
    ///
    /// - Throws: Where llama.cpp would refuse the options.
    init(
        _ subject: PlanSubject,
        sizing: ContextSizing,
        budget: DomainBytes
    ) throws(PlanError) {
        self.subject = subject
        let planner = MemoryPlanner(subject.model)
        (load, plan) = try sizing.plan(planner, within: budget)
        largestContext = try planner.largestContext(load, within: budget).plan?.contextTokens
    }

    /// What the cache would reserve.
    var footprint: Footprint { plan.footprint(sharedName: subject.model.sharedName) }
}
