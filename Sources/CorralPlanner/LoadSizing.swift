public import CorralMemory

/// Settles what is left open of how a model is loaded: context, batch, GPU layers, load mode.
///
/// The context is the most that fits up to a ceiling, found by bisection on plans, so that one
/// chosen for less memory is never larger. Where not even the smallest context fits, the plan says
/// what that takes; nothing is ever loaded with less than was promised.
public struct LoadSizing: Hashable, Sendable {
    /// The tokens of context chosen where nobody asks for more or fewer.
    public static let defaultContext = 8192

    /// Everything that is settled already.
    public var load: LoadOptions

    /// The tokens of all sequences together (`n_ctx`); `nil` for as many as fit.
    public var contextTokens: Int?

    /// The most tokens chosen for one cache where ``contextTokens`` is `nil`.
    public var contextCeiling: Int

    /// The fewest tokens of one request that will do.
    public var leastContext: Int

    /// Whether a batch holds a whole context, as texts are embedded whole.
    public var batchFollowsContext: Bool

    /// Whether as many layers go to the accelerators as fit.
    public var fillsAccelerators: Bool

    /// The ways to load the weights to choose from; the first wins a tie.
    public var loadModes: [LoadOptions.LoadMode]

    /// Load options with nothing left open, and what they take.
    public struct Settled: Hashable, Sendable {
        /// The options.
        public var load: LoadOptions
        /// What they take.
        public var plan: MemoryPlan

        /// Joins the two.
        ///
        /// - Parameters:
        ///   - load: The options.
        ///   - plan: What they take.
        public init(load: LoadOptions, plan: MemoryPlan) {
            self.load = load
            self.plan = plan
        }
    }

    /// Prepares a choice.
    ///
    /// - Parameters:
    ///   - load: Everything that is settled already.
    ///   - contextTokens: The tokens of all sequences together; `nil` for as many as fit.
    ///   - contextCeiling: The most tokens chosen for one cache.
    ///   - leastContext: The fewest tokens of one request that will do.
    ///   - batchFollowsContext: Whether a batch holds a whole context.
    ///   - fillsAccelerators: Whether as many layers go to the accelerators as fit.
    ///   - loadModes: The ways to load the weights to choose from; at least one.
    public init(
        _ load: LoadOptions,
        contextTokens: Int? = nil,
        contextCeiling: Int = defaultContext,
        leastContext: Int = 0,
        batchFollowsContext: Bool = false,
        fillsAccelerators: Bool = false,
        loadModes: [LoadOptions.LoadMode] = [.mapped, .copied]
    ) {
        self.load = load
        self.contextTokens = contextTokens
        self.contextCeiling = contextCeiling
        self.leastContext = leastContext
        self.batchFollowsContext = batchFollowsContext
        self.fillsAccelerators = fillsAccelerators
        self.loadModes = loadModes
    }

    /// The caches: one, or one a sequence.
    var streams: Int { load.context.unifiedCache ? 1 : max(1, load.context.sequences) }

    /// Settles everything for a request.
    ///
    /// - Parameters:
    ///   - planner: The model's planner.
    ///   - least: The tokens of context the request must have, or zero.
    ///   - limits: The most memory the model could be given.
    /// - Returns: As ``settled(_:within:)``.
    /// - Throws: Where the model has no such context, or llama.cpp would refuse the options.
    public func settled(
        _ planner: MemoryPlanner,
        leastContext least: Int,
        within limits: DomainBytes
    ) throws(PlanError) -> Settled {
        try checkContext(planner.model, least: least)
        var sizing = self
        sizing.leastContext = max(0, least)
        return try sizing.settled(planner, within: limits)
    }

    /// Settles everything.
    ///
    /// - Parameters:
    ///   - planner: The model's planner.
    ///   - limits: The most memory the model could be given.
    /// - Returns: The options with the largest context, and of equal ones those that take less. What
    ///   they take may exceed `limits`: then nothing fits.
    /// - Throws: Where llama.cpp would refuse the options.
    public func settled(
        _ planner: MemoryPlanner,
        within limits: DomainBytes
    ) throws(PlanError) -> Settled {
        var best: Settled?
        for mode in loadModes {
            var load = load
            load.loadMode = mode
            let candidate = try settled(load, planner, limits)
            if let held = best, !candidate.isBetter(than: held) { continue }
            best = candidate
        }
        guard let best else { preconditionFailure("no way to load the weights") }
        return best
    }

    private func settled(
        _ load: LoadOptions,
        _ planner: MemoryPlanner,
        _ limits: DomainBytes
    ) throws(PlanError) -> Settled {
        var load = load
        if fillsAccelerators {
            // As many layers as fit with the smallest context that will do; the output counts as one.
            let smallest = smallest(planner)
            var (low, high) = (0, planner.model.layerCount + 1)
            while low < high {
                load.gpuLayers = low + (high - low + 1) / 2
                let fits = try planned(load, smallest, planner).plan.total.fits(in: limits)
                if fits { low = load.gpuLayers } else { high = load.gpuLayers - 1 }
            }
            load.gpuLayers = low
        }
        let wanted = try planned(load, wanted(planner), planner)
        guard contextTokens == nil, !wanted.plan.total.fits(in: limits) else { return wanted }
        if batchFollowsContext { return try shrunkBatch(wanted, planner, limits) }
        let search = try planner.largestContext(
            load,
            within: limits,
            ceiling: self.wanted(planner)
        )
        guard let plan = search.plan, plan.contextTokensPerSequence >= leastContext else {
            // Who asked refuses it, naming what the smallest would need.
            return try planned(load, smallest(planner), planner)
        }
        load.context.contextTokens = plan.contextTokens
        return Settled(load: load, plan: plan)
    }

    /// Halves the batch, which is the longest text, until it fits or may not shrink further.
    private func shrunkBatch(
        _ wanted: Settled,
        _ planner: MemoryPlanner,
        _ limits: DomainBytes
    ) throws(PlanError) -> Settled {
        var settled = wanted
        var tokens = self.wanted(planner)
        let least = smallest(planner)
        while !settled.plan.total.fits(in: limits), tokens > least {
            tokens = max(tokens / 2, least)
            settled = try planned(settled.load, tokens, planner)
        }
        return settled
    }

    /// The context wanted for all sequences together: as asked, else the ceiling, never less than will do.
    private func wanted(_ planner: MemoryPlanner) -> Int {
        let trained = planner.model.trainingContext
        let ceiling = trained > 0 ? min(contextCeiling, trained) : contextCeiling
        return max(contextTokens ?? times(ceiling), times(leastContext), 1)
    }

    private func smallest(_ planner: MemoryPlanner) -> Int {
        let wanted = wanted(planner)
        guard contextTokens == nil else { return wanted }
        return max(min(times(MemoryPlanner.smallestContext), wanted), times(leastContext))
    }

    private func times(_ tokens: Int) -> Int {
        let (product, overflow) = tokens.multipliedReportingOverflow(by: streams)
        return overflow ? .max : product
    }

    private func planned(
        _ load: LoadOptions,
        _ tokens: Int,
        _ planner: MemoryPlanner
    ) throws(PlanError) -> Settled {
        var load = load
        load.context.contextTokens = tokens
        if batchFollowsContext {
            load.context.microBatch = tokens / streams
            load.context.batch = load.context.microBatch
        }
        return Settled(load: load, plan: try planner.plan(load))
    }
}

extension LoadSizing.Settled {
    /// A larger context is better, and of equal ones what takes less; what is mapped may be
    /// reclaimed and shared, so that it is left only for what saves a fiftieth.
    fileprivate func isBetter(than held: Self) -> Bool {
        guard plan.contextTokens == held.plan.contextTokens else {
            return plan.contextTokens > held.plan.contextTokens
        }
        let (mine, its) = (plan.total.total, held.plan.total.total)
        return load.loadMode == .copied ? mine < its.scaled(by: 0.98) : mine < its
    }
}
