import CorralCache
import CorralMemory
import CorralPlanner

/// Settles what a model's options leave open: context, batch, GPU layers, load mode.
struct PlanSizing {
    var planner: MemoryPlanner
    var options: LlamaServerOptions
    var role: ModelRole
    /// The tokens of context one request must have, or zero.
    var minimumContext: Int
    /// The most memory the model could be given.
    var limits: DomainBytes
    /// The machine.
    var configuration: LlamaServerConfiguration

    /// Load options with nothing left open, and what they take.
    struct Sized {
        var load: LoadOptions
        var memory: MemoryPlan
    }

    /// The tokens a request may have at most without being asked for more: all the model was
    /// trained on, or everything where the file does not say.
    private var trained: Int {
        planner.model.trainingContext > 0 ? planner.model.trainingContext : .max
    }

    /// Settles everything.
    ///
    /// - Throws: `PlanError` where llama.cpp would refuse the options, ``LlamaServerError`` where
    ///   more context is needed than the model has.
    func sized() throws -> Sized {
        if let asked = options.contextTokens, asked < 1 {
            throw LlamaServerError(
                .badArgument,
                "A context of \(asked) tokens was asked for; give at least 1, or none to have it chosen."
            )
        }
        guard minimumContext <= max(trained, options.contextTokens ?? 0) else {
            throw LlamaServerError(
                .badArgument,
                "The request needs a context of \(minimumContext) tokens, but the model was trained on \(trained); shorten it or choose another model."
            )
        }
        var best: Sized?
        for mode in loadModes {
            let candidate = try sized(mode)
            // Mapped comes first and wins a tie: its pages are shared and reclaimable.
            guard let held = best else {
                best = candidate
                continue
            }
            let isBetter =
                candidate.memory.contextTokens > held.memory.contextTokens
                || (candidate.memory.contextTokens == held.memory.contextTokens
                    && candidate.memory.total.total < held.memory.total.total)
            if isBetter { best = candidate }
        }
        guard let best else { preconditionFailure("a plan without a load mode") }
        return best
    }

    private var loadModes: [LoadOptions.LoadMode] {
        options.loadMode.map { [$0] } ?? [.mapped, .copied]
    }

    private func sized(_ mode: LoadOptions.LoadMode) throws(PlanError) -> Sized {
        var load = base(mode)
        guard !configuration.accelerators.isEmpty, options.gpuLayers == nil else {
            return try sizedContext(load)
        }
        // As many layers as fit with the smallest context that will do; the output counts as one.
        var (low, high) = (0, planner.model.layerCount + 1)
        while low < high {
            let middle = low + (high - low + 1) / 2
            load.gpuLayers = middle
            let smallest = try planned(with(load, context: smallestContext))
            if smallest.memory.total.fits(in: limits) { low = middle } else { high = middle - 1 }
        }
        load.gpuLayers = low
        return try sizedContext(load)
    }

    private func base(_ mode: LoadOptions.LoadMode) -> LoadOptions {
        let planned: PlannedRole =
            switch role {
            case .chat: .chat
            case .embed: .embed
            case .rerank: .rerank
            }
        var load = LoadOptions.llamaServer(planned, slots: max(1, options.slots))
        load.context.batch = max(1, options.batch)
        load.context.microBatch = min(max(1, options.microBatch ?? 512), load.context.batch)
        load.context.unifiedCache = options.unifiedCache
        load.context.flashAttention = options.flashAttention
        load.context.keyCacheType = options.keyCacheType
        load.context.valueCacheType = options.valueCacheType
        load.context.fullWindowCache = options.fullWindowCache
        load.gpuLayers = max(0, options.gpuLayers ?? 0)
        load.accelerators = configuration.accelerators
        load.offloadsCache = options.offloadsCache
        load.repacks = options.repacks
        load.cpu = configuration.cpu
        load.loadMode = mode
        load.threads = max(1, options.threads ?? configuration.threads)
        if role == .chat {
            load.promptCacheLimit = options.promptCacheLimit
            load.contextCheckpoints = options.contextCheckpoints
        }
        return load
    }

    /// The context wanted: as asked, else the ceiling, never less than the request needs.
    private var wantedContext: Int {
        max(options.contextTokens ?? min(options.contextCeiling, trained), minimumContext, 1)
    }

    private var smallestContext: Int {
        options.contextTokens != nil
            ? wantedContext
            : max(min(MemoryPlanner.smallestContext, wantedContext), minimumContext)
    }

    private func sizedContext(_ load: LoadOptions) throws(PlanError) -> Sized {
        let wanted = try planned(with(load, context: wantedContext))
        guard options.contextTokens == nil, !wanted.memory.total.fits(in: limits) else {
            return wanted
        }
        if role != .chat { return try shrunkBatch(wanted) }
        let streams = load.context.unifiedCache ? 1 : load.context.sequences
        let search = try planner.largestContext(
            load,
            within: limits,
            ceiling: wantedContext * streams
        )
        guard let memory = search.plan, memory.contextTokensPerSequence >= minimumContext else {
            // The cache refuses it, naming what the smallest would need.
            return try planned(with(load, context: smallestContext))
        }
        var load = load
        load.context.contextTokens = memory.contextTokens
        return Sized(load: load, memory: memory)
    }

    /// Halves the batch, which is the longest text, until it fits or may not shrink further.
    private func shrunkBatch(_ wanted: Sized) throws(PlanError) -> Sized {
        var sized = wanted
        var tokens = wantedContext
        while !sized.memory.total.fits(in: limits), tokens > smallestContext {
            tokens = max(tokens / 2, smallestContext)
            sized = try planned(with(sized.load, context: tokens))
        }
        return sized
    }

    private func with(_ load: LoadOptions, context tokens: Int) -> LoadOptions {
        var load = load
        let streams = load.context.unifiedCache ? 1 : load.context.sequences
        load.context.contextTokens = tokens.multipliedReportingOverflow(by: streams).partialValue
        if role != .chat {
            // A text is embedded whole, so the batch holds the longest.
            load.context.microBatch = options.microBatch ?? tokens
            load.context.batch = load.context.microBatch
        }
        return load
    }

    private func planned(_ load: LoadOptions) throws(PlanError) -> Sized {
        Sized(load: load, memory: try planner.plan(load))
    }
}
