import ArgumentParser
import CorralDryRun
import CorralMemory
import CorralPlanner

/// A model, how it is loaded, and what that takes.
struct PlannedModel: Sendable {
    var subject: PlanSubject
    var load: LoadOptions
    var plan: MemoryPlan
    var layer = PlanLayer.analytic
    /// The llama.cpp that was asked in a dry run; `nil` where none was.
    var engine: String?
    /// How the largest context was found, where llama.cpp was asked.
    var search: Search?
    /// The corrections from measurements of this model.
    var corrections: ModelCorrections
    /// The largest context that fits into the memory there is; `nil` where none does.
    var largestContext: Int?
    /// The changes that would save memory.
    var levers: [PlanLever]

    /// How llama.cpp was asked for the largest context.
    struct Search: Encodable, Sendable {
        /// The contexts it was asked about.
        var probes: Int
        /// How long that took, without loading the vocabulary.
        var milliseconds: Double
    }

    /// Plans a model from its header, and what was measured of it.
    ///
    /// - Throws: Where llama.cpp would refuse the options.
    init(
        _ subject: PlanSubject,
        sizing: LoadSizing,
        budget: DomainBytes,
        corrections: ModelCorrections = .none
    ) throws(PlanError) {
        self.subject = subject
        self.corrections = corrections
        let planner = MemoryPlanner(subject.model, corrections: corrections)
        let settled = try sizing.settled(planner, within: budget)
        load = settled.load
        plan = settled.plan
        levers = planner.levers(load, plan, within: budget)
        largestContext = try planner.largestContext(load, within: budget).plan?.contextTokens
    }

    /// The memory that the cache would reserve.
    var footprint: Footprint { plan.footprint(sharedName: subject.model.sharedName) }

    /// The plan of this model with llama.cpp's own figures.
    ///
    /// - Parameters:
    ///   - helper: What asks it.
    ///   - budget: The memory there is.
    /// - Returns: The plan; context and layers stay as they were settled.
    /// - Throws: `DryRunError`, with what was wrong.
    func asked(_ helper: DryRunHelper, budget: DomainBytes) async throws -> PlannedModel {
        let planner = MemoryPlanner(subject.model, corrections: corrections)
        let analytic = try planner.uncorrected.plan(load)
        let standIn = try ModelStandIn(subject.path)
        let (load, isChat) = (load, load.role == .chat)
        var asked = self
        asked.layer = .dryRun
        (asked.plan, asked.largestContext, asked.search, asked.engine) = try await helper.session(
            standIn.path,
            load: load,
            states: analytic.states
        ) { session in
            let cell = try await session.measure(load.context)
            let plan = analytic.replacing(with: cell, load.accelerators)
                .corrected(by: planner.corrections, load)
            var (largest, figures): (Int?, Search?)
            // Texts are embedded whole: there the batch is what grows.
            if isChat {
                let clock = ContinuousClock()
                let start = clock.now
                let search = try await session.largestContext(
                    load,
                    planner: planner,
                    within: budget
                )
                figures = Search(
                    probes: search.probes,
                    milliseconds: (clock.now - start) / .milliseconds(1)
                )
                largest = search.fits ? search.plan.contextTokens : nil
            }
            return (plan, largest, figures, session.engine.description)
        }
        if !isChat { asked.largestContext = largestContext }
        return asked
    }
}

/// The two ways to predict what a model takes.
enum PlanLayer: String, CaseIterable, Codable, Sendable, ExpressibleByArgument {
    /// The planner, from the header alone.
    case analytic
    /// llama.cpp itself, which builds the model without its weights.
    case dryRun = "dry-run"
}
