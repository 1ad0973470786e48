package import CorralMemory
package import CorralPlanner

/// The largest context that fits, by llama.cpp's own figures.
package struct DryRunSearch: Hashable, Sendable {
    /// The plan with the largest context that fits; with the smallest where none does.
    package var plan: MemoryPlan

    /// Whether it fits.
    package var fits: Bool

    /// The contexts that were asked about.
    package var probes: Int
}

extension DryRunSession {
    /// Finds the largest context that fits.
    ///
    /// It is a multiple of 256 for each cache, at least 512, and at most what the model was trained
    /// on, for each cache, and `ceiling`: the same as the planner's own search, which is where this
    /// one begins.
    ///
    /// - Parameters:
    ///   - options: How the model is loaded; their context is not looked at.
    ///   - planner: The analytic planner of the same file.
    ///   - memory: The bytes there are in each domain.
    ///   - ceiling: The most tokens wanted; `nil` for no limit.
    /// - Returns: The plan, and whether it fits.
    /// - Throws: ``DryRunError``, or `PlanError` where the options make no sense.
    package func largestContext(
        _ options: LoadOptions,
        planner: MemoryPlanner,
        within memory: DomainBytes,
        ceiling: Int? = nil
    ) async throws -> DryRunSearch {
        let streams = options.context.unifiedCache ? 1 : max(1, min(options.context.sequences, 256))
        let step = 256 * streams
        let trained = trainingContext > 0 ? trainingContext * streams : Int(Int32.max) / 2
        let limit = min(trained, ceiling ?? .max)
        let smallest = (MemoryPlanner.smallestContext + step - 1) / step
        let least = max(1, min(smallest, limit / step))

        // Its margin makes it the least that can be expected.
        let guess = try planner.largestContext(options, within: memory, ceiling: ceiling)
        var search = ContextBisection(
            least: least,
            most: limit / step,
            hint: guess.plan.map { $0.contextTokens / step } ?? least
        )
        var plans: [Int: MemoryPlan] = [:]
        while let steps = search.next {
            var options = options
            options.context.contextTokens = steps * step
            let cell = try await measure(options.context)
            let plan = try planner.plan(options).replacing(with: cell, options.accelerators)
            plans[steps] = plan
            search.record(steps, slack: plan.slack(in: memory))
        }
        let steps = search.best ?? least
        guard let plan = plans[steps] else { throw Self.silence }
        return DryRunSearch(plan: plan, fits: search.best != nil, probes: search.questions)
    }
}

extension MemoryPlan {
    /// What the tightest domain has left; negative where the plan does not fit.
    fileprivate func slack(in memory: DomainBytes) -> Int64 {
        let total = total
        return total.domains.map { memory[$0].rawValue - total[$0].rawValue }.min() ?? 0
    }
}
