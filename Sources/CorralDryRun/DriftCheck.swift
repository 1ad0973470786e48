internal import CorralMemory
package import CorralPlanner

/// Where an analytic plan and llama.cpp differ, over many models and ways of using them.
///
/// A new build of llama.cpp may allocate in another way than the tables and formulas of the planner
/// say. This finds out, part by part, and names the build.
package struct DriftCheck: Sendable {
    /// One model in one configuration.
    package struct Cell: Sendable {
        /// The model's file.
        package var file: String
        /// The configuration's name.
        package var configuration: String
        /// The results of the comparison.
        package var verdict: Verdict
    }

    /// The result for one model in one configuration.
    package enum Verdict: Sendable {
        /// Everything exact is equal, and the compute buffer within its margin, by so much of the
        /// whole plan.
        case agrees(margin: Double)
        /// Something is not as it should be.
        case differs([Difference])
        /// Neither takes the configuration.
        case bothRefuse
        /// Only the planner refuses it.
        case onlyPlannerRefuses(String)
        /// Only llama.cpp refuses it.
        case onlyEngineRefuses(String)
        /// llama.cpp gave no answer: it crashed, was too slow, or is not there.
        case noAnswer(DryRunError)
    }

    /// A figure that the two layers do not agree on.
    package struct Difference: Hashable, Sendable {
        /// The buffer type; `nil` for what is in none.
        package var buffer: String?
        /// Which of its figures, in the words of llama.cpp's JSON.
        package var part: String
        /// What the planner says.
        package var analytic: Int64
        /// What llama.cpp says.
        package var dryRun: Int64
    }

    /// The llama.cpp that was asked; `nil` until one answered.
    package private(set) var engine: DryRunEngine?

    /// Every comparison made, in order.
    package private(set) var cells: [Cell] = []

    /// How much of a plan its compute buffer may be above the truth where it is a closed form.
    package let allowance: Double

    /// Begins a check.
    ///
    /// - Parameter allowance: How much of a plan's total its compute buffer may be above the truth
    ///   where it is a closed form; it may never be below.
    package init(allowance: Double = 0.06) { self.allowance = allowance }

    /// The comparisons that show drift; a crash of llama.cpp is none.
    package var drifts: [Cell] { cells.filter(\.verdict.isDrift) }

    /// Compares one model in several configurations.
    ///
    /// - Parameters:
    ///   - file: What the model is called in the report.
    ///   - path: Where it is, or a stand-in.
    ///   - planner: The analytic planner of it.
    ///   - configurations: The ways of using it, each with a name; all loaded alike.
    ///   - helper: What asks llama.cpp.
    /// - Throws: `CancellationError` when the task is cancelled.
    package mutating func compare(
        _ file: String,
        at path: String,
        planner: MemoryPlanner,
        configurations: [(name: String, options: LoadOptions)],
        with helper: DryRunHelper
    ) async throws(CancellationError) {
        guard let load = configurations.first?.options else { return }
        let plans = configurations.map { entry in
            Result { () throws(PlanError) in try planner.plan(entry.options) }
        }
        let states = plans.compactMap { try? $0.get().states }.max() ?? .zero
        let answers = try await helper.measure(
            path,
            load: load,
            contexts: configurations.map(\.options.context),
            states: states
        )
        engine = answers.engine ?? engine
        // What is bounded rather than sketched is never under, but has no measure above.
        let isBounded = ModelDescription.boundedArchitectures.contains(planner.model.architecture)
        let allowance = isBounded ? Double.infinity : allowance
        for (index, cell) in answers.cells.enumerated() {
            cells.append(
                Cell(
                    file: file,
                    configuration: configurations[index].name,
                    verdict: Self.verdict(plans[index], cell, allowance: allowance)
                )
            )
        }
    }

    /// Compares a plan with what llama.cpp says, figure by figure.
    ///
    /// - Parameters:
    ///   - plan: The plan, or why there is none.
    ///   - cell: What llama.cpp says, or why it says nothing.
    ///   - allowance: How much of the plan's total its compute buffer may be above the truth.
    /// - Returns: Whether the two agree, and in which figures they do not.
    package static func verdict(
        _ plan: Result<MemoryPlan, PlanError>,
        _ cell: Result<DryRunCell, DryRunError>,
        allowance: Double
    ) -> Verdict {
        switch (plan, cell) {
        case (.success(let plan), .success(let cell)):
            let (differences, margin) = differences(plan, cell, allowance: allowance)
            return differences.isEmpty ? .agrees(margin: margin) : .differs(differences)
        case (.failure, .failure(let error)) where error.isRefusal: return .bothRefuse
        case (.success, .failure(let error)) where error.isRefusal:
            return .onlyEngineRefuses(error.message)
        case (_, .failure(let error)): return .noAnswer(error)
        case (.failure(let error), .success): return .onlyPlannerRefuses(error.message)
        }
    }

    private static func differences(
        _ plan: MemoryPlan,
        _ cell: DryRunCell,
        allowance: Double
    ) -> ([Difference], margin: Double) {
        var found: [Difference] = []
        func compare(_ buffer: String?, _ part: String, _ analytic: Int64, _ dryRun: Int64) {
            guard analytic != dryRun else { return }
            found.append(
                Difference(buffer: buffer, part: part, analytic: analytic, dryRun: dryRun)
            )
        }
        let told = Set(plan.buffers.map(\.name)).union(cell.buffers.keys)
        var (planned, true_) = (Int64(0), Int64(0))
        var isExact = true
        for name in told.sorted() {
            let mine = plan.buffers.first { $0.name == name }
            let its = cell.buffers[name] ?? .init(model: 0, context: 0, compute: 0)
            let context = (mine?.cache.bytes.rawValue ?? 0) + (mine?.recurrent.bytes.rawValue ?? 0)
            compare(name, "model", mine?.weights.bytes.rawValue ?? 0, its.model)
            compare(name, "context", context, its.context)
            if let compute = mine?.compute, compute.source == .closedForm { isExact = false }
            planned += mine?.compute.bytes.rawValue ?? 0
            true_ += its.compute
        }
        compare(nil, "output", plan.output.bytes.rawValue, cell.output)
        compare(nil, "n_ctx", Int64(plan.contextTokens), Int64(cell.contextTokens))
        compare(nil, "n_ctx_seq", Int64(plan.contextTokensPerSequence), Int64(cell.sequenceTokens))
        compare(nil, "fa", plan.flashAttention ? 1 : 0, Int64(cell.flashAttention))
        let margin = Double(planned - true_) / Double(max(1, cell.total))
        if isExact || margin < 0 || margin > allowance { compare(nil, "compute", planned, true_) }
        return (found, margin)
    }
}

extension DriftCheck.Verdict {
    /// True where the planner and llama.cpp say different things.
    package var isDrift: Bool {
        switch self {
        case .differs, .onlyPlannerRefuses, .onlyEngineRefuses: true
        case .agrees, .bothRefuse, .noAnswer: false
        }
    }
}

extension DryRunError {
    /// True where llama.cpp said no, rather than nothing.
    fileprivate var isRefusal: Bool { code == .contextRefused || code == .modelRefused }
}
