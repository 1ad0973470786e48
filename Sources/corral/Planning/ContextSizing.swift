import CorralCache
import CorralLlamaServer
import CorralMemory
import CorralPlanner

/// Settles what is left open of how a model is loaded.
struct ContextSizing: Sendable {
    /// The tokens of context chosen where nobody asks for more or fewer.
    static let usualContext = LlamaServerOptions().contextCeiling

    var load: LoadOptions
    /// The tokens wanted; as many as usual, or as fit, when `nil`.
    var contextTokens: Int?
    /// Whether a batch holds a whole context, as texts are embedded whole.
    var batchFollowsContext: Bool
    /// Whether as many layers go to the GPU as fit.
    var fillsGPU: Bool
    /// The ways to load the weights to choose from.
    var loadModes: [LoadOptions.LoadMode]

    /// The plan for a model: the one with the largest context, and of equal ones the smallest.
    func plan(
        _ planner: MemoryPlanner,
        within budget: DomainBytes
    ) throws(PlanError) -> (load: LoadOptions, plan: MemoryPlan) {
        var best: (load: LoadOptions, plan: MemoryPlan)?
        for mode in loadModes {
            var load = load
            load.loadMode = mode
            let found = try sized(load, planner, budget)
            guard let held = best else {
                best = found
                continue
            }
            let isLarger = found.plan.contextTokens > held.plan.contextTokens
            let isSmaller =
                found.plan.contextTokens == held.plan.contextTokens
                && found.plan.total.total < held.plan.total.total
            if isLarger || isSmaller { best = found }
        }
        guard let best else { preconditionFailure("no way to load the weights") }
        return best
    }

    private func sized(
        _ load: LoadOptions,
        _ planner: MemoryPlanner,
        _ budget: DomainBytes
    ) throws(PlanError) -> (load: LoadOptions, plan: MemoryPlan) {
        var load = load
        let trained = planner.model.trainingContext
        let usual = trained > 0 ? min(Self.usualContext, trained) : Self.usualContext
        if fillsGPU {
            var (low, high) = (0, planner.model.layerCount + 1)
            while low < high {
                load.gpuLayers = low + (high - low + 1) / 2
                let smallest = contextTokens ?? min(MemoryPlanner.smallestContext, usual)
                let fits = try planned(load, smallest, planner).plan.total.fits(in: budget)
                if fits { low = load.gpuLayers } else { high = load.gpuLayers - 1 }
            }
            load.gpuLayers = low
        }
        let wanted = try planned(load, contextTokens ?? usual, planner)
        guard contextTokens == nil, !wanted.plan.total.fits(in: budget), !batchFollowsContext
        else { return wanted }
        let search = try planner.largestContext(load, within: budget, ceiling: usual)
        guard let plan = search.plan else {
            return try planned(load, MemoryPlanner.smallestContext, planner)
        }
        load.context.contextTokens = plan.contextTokens
        return (load, plan)
    }

    private func planned(
        _ load: LoadOptions,
        _ tokens: Int,
        _ planner: MemoryPlanner
    ) throws(PlanError) -> (load: LoadOptions, plan: MemoryPlan) {
        var load = load
        load.context.contextTokens = tokens
        if batchFollowsContext {
            load.context.batch = tokens
            load.context.microBatch = tokens
        }
        return (load, try planner.plan(load))
    }
}

extension ContextSizing {
    /// How `serve` loads a model: with what is set for it, and the engine's defaults.
    ///
    /// - Parameters:
    ///   - subject: The model.
    ///   - role: What it is loaded for.
    ///   - slots: The requests served at once; what is set for the model when `nil`.
    ///   - machine: The machine.
    init(
        serving subject: PlanSubject,
        as role: ModelRole? = nil,
        slots: Int? = nil,
        machine: Machine
    ) {
        let role = role ?? subject.role
        let overrides = subject.overrides
        let usual = LlamaServerOptions(overrides)
        var load = LoadOptions.llamaServer(PlannedRole(role), slots: slots ?? usual.slots)
        load.context.keyCacheType = usual.keyCacheType
        load.context.valueCacheType = usual.valueCacheType
        load.cpu = machine.cpu
        load.accelerators = machine.accelerators
        load.gpuLayers = usual.gpuLayers ?? 0
        load.threads = usual.threads ?? machine.threads
        if role == .chat {
            load.promptCacheLimit = usual.promptCacheLimit
            load.contextCheckpoints = usual.contextCheckpoints
        }
        self.init(
            load: load,
            contextTokens: usual.contextTokens,
            batchFollowsContext: role != .chat,
            fillsGPU: usual.gpuLayers == nil && !machine.accelerators.isEmpty,
            loadModes: [.mapped, .copied]
        )
    }
}
