import CorralMemory
import CorralPlanner

/// Plans as a person reads them: a table for each model, and whether all fit together.
struct PlanSheet: Sendable {
    var plans: [PlannedModel]
    var budget: DomainBytes

    /// The memory of all models together; weights that two of them map are counted once.
    var together: DomainBytes {
        var shared: [String: DomainBytes] = [:]
        var sum = DomainBytes.zero
        for plan in plans {
            sum += plan.footprint.exclusive
            for part in plan.footprint.shared {
                shared[part.name] = (shared[part.name] ?? .zero).union(part.bytes)
            }
        }
        return shared.values.reduce(sum, +)
    }

    func print(to console: Console) {
        for (index, plan) in plans.enumerated() {
            if index > 0 { console.print() }
            PlanTable(plan, budget: budget).print(to: console)
        }
        guard plans.count > 1 else { return }
        console.print()
        let verdict =
            together.fits(in: budget)
            ? "They fit together" : "They do not fit together"
        console.print("\(verdict): \(together) of \(budget).")
    }

    /// Writes one object for one model, and an object with a list for several.
    func printJSON(to console: Console) throws {
        let answers = plans.map { PlanAnswer($0, budget: budget) }
        if answers.count == 1 { return try console.print(json: answers[0]) }
        try console.print(
            json: SeveralPlans(
                models: answers,
                total: together.byDomain,
                budget: budget.byDomain,
                fits: together.fits(in: budget)
            )
        )
    }

    private struct SeveralPlans: Encodable {
        var models: [PlanAnswer]
        var total: [String: Int64]
        var budget: [String: Int64]
        var fits: Bool
    }
}

/// A plan as programs read it: the planner's report, and what concerns this command alone.
struct PlanAnswer: Encodable {
    private let model: PlannedModel
    private let budget: DomainBytes

    init(_ model: PlannedModel, budget: DomainBytes) {
        self.model = model
        self.budget = budget
    }

    private enum Key: String, CodingKey {
        case model, path, role, budget, fits
        case largestContext = "largest_context"
        case trainingContext = "training_context"
        case gpuLayers = "gpu_layers"
        case loadMode = "load_mode"
        case layer, engine, levers, search
        case measuredWith = "measured_with"
    }

    private struct Lever: Encodable {
        var kind: PlanLever.Kind
        var change: String
        var saves: [String: Int64]
        var fits: Bool

        init(_ lever: PlanLever, budget: DomainBytes) {
            kind = lever.kind
            change = lever.change
            saves = lever.saves.byDomain
            fits = lever.plan.total.fits(in: budget)
        }
    }

    func encode(to encoder: any Encoder) throws {
        try PlanReport(model.plan).encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(model.subject.name, forKey: .model)
        try container.encode(model.subject.path, forKey: .path)
        try container.encode(model.load.role, forKey: .role)
        try container.encode(budget.byDomain, forKey: .budget)
        try container.encode(model.plan.total.fits(in: budget), forKey: .fits)
        try container.encode(model.largestContext, forKey: .largestContext)
        try container.encode(model.subject.model.trainingContext, forKey: .trainingContext)
        try container.encode(model.load.gpuLayers, forKey: .gpuLayers)
        try container.encode(model.load.loadMode, forKey: .loadMode)
        try container.encode(model.layer, forKey: .layer)
        try container.encodeIfPresent(model.engine, forKey: .engine)
        try container.encodeIfPresent(model.search, forKey: .search)
        if model.plan.parts.contains(where: { $0.source == .measured }) {
            try container.encode(model.corrections.engine, forKey: .measuredWith)
        }
        let levers = model.levers.map { Lever($0, budget: budget) }
        try container.encode(levers, forKey: .levers)
    }
}

extension DomainBytes {
    /// The amounts by the names of their domains.
    var byDomain: [String: Int64] {
        Dictionary(uniqueKeysWithValues: domains.map { ("\($0)", self[$0].rawValue) })
    }
}
