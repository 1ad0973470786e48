import CorralCache
import CorralMemory
import CorralPlanner

/// Settles what a model's options leave open: context, batch, GPU layers, load mode.
struct Sizing {
    var planner: MemoryPlanner
    var options: LlamaOptions
    var role: ModelRole
    /// The tokens of context one request must have, or zero.
    var minimumContext: Int
    /// The most memory the model could be given.
    var limits: DomainBytes
    /// The machine.
    var configuration: LlamaEngine.Configuration

    /// Load options with nothing left open, and what they take.
    struct Sized {
        var load: LoadOptions
        var memory: MemoryPlan
    }

    /// llama.cpp computes at most this many sequences in one context (`LLAMA_MAX_SEQ`).
    private static let mostSlots = 256

    /// The tokens a request may have at most without being asked for more.
    private var trained: Int {
        planner.model.trainingContext > 0 ? planner.model.trainingContext : .max
    }

    /// Settles everything.
    ///
    /// - Throws: ``LlamaError`` where the options make no sense, or llama.cpp would refuse them.
    func sized() throws(LlamaError) -> Sized {
        if let asked = options.contextTokens, asked < 1 || asked > Int(Int32.max) {
            throw LlamaError(
                .badArgument,
                "A context of \(asked) tokens was asked for; give from 1 to \(Int32.max), or none to have it chosen."
            )
        }
        guard minimumContext <= max(trained, options.contextTokens ?? 0) else {
            throw LlamaError(
                .badArgument,
                "The request needs a context of \(minimumContext) tokens, but the model was trained on \(trained); shorten it or choose another model."
            )
        }
        if role != .chat, let asked = options.contextTokens, asked > trained {
            // Such models have no positions beyond those they were trained on.
            throw LlamaError(
                .badArgument,
                "A context of \(asked) tokens was asked for, but the model reads at most \(trained)."
            )
        }
        do {
            var best: Sized?
            for mode in options.loadMode.map({ [$0] }) ?? [.mapped, .copied] {
                let candidate = try sized(mode)
                // Mapped comes first and wins a tie: its pages are shared and reclaimable.
                let isBetter =
                    best.map {
                        (candidate.memory.contextTokens, $0.memory.total.total.rawValue)
                            > ($0.memory.contextTokens, candidate.memory.total.total.rawValue)
                    } ?? true
                if isBetter { best = candidate }
            }
            guard let best else { throw LlamaError(.badArgument, "No load mode was given.") }
            return best
        } catch let error as PlanError {
            throw LlamaError(.badArgument, error.message)
        } catch let error as LlamaError {
            throw error
        } catch {
            throw LlamaError(.badArgument, "\(error)")
        }
    }

    private func sized(_ mode: LoadOptions.LoadMode) throws(PlanError) -> Sized {
        var load = base(mode)
        if !configuration.accelerators.isEmpty, options.gpuLayers == nil {
            // As many layers as fit with the smallest context; the output counts as one.
            var (low, high) = (0, planner.model.layerCount + 1)
            while low < high {
                let middle = low + (high - low + 1) / 2
                load.gpuLayers = middle
                let smallest = try planned(with(load, context: smallestContext))
                if smallest.memory.total.fits(in: limits) {
                    low = middle
                } else {
                    high = middle - 1
                }
            }
            load.gpuLayers = low
        }
        return try sizedContext(load)
    }

    private func base(_ mode: LoadOptions.LoadMode) -> LoadOptions {
        var load = LoadOptions.llamaServer(
            role,
            slots: min(max(1, options.slots ?? (role == .chat ? 4 : 16)), Self.mostSlots)
        )
        load.process = .host
        load.context.batch = max(1, options.batch)
        load.context.microBatch = min(max(1, options.microBatch ?? 512), load.context.batch)
        load.context.flashAttention = options.flashAttention
        load.context.keyCacheType = options.keyCacheType
        load.context.valueCacheType = options.valueCacheType
        load.context.fullWindowCache = options.fullWindowCache
        load.gpuLayers = max(0, options.gpuLayers ?? 0)
        load.accelerators = configuration.accelerators
        load.repacks = options.repacks
        load.cpu = configuration.cpu
        load.loadMode = mode
        load.threads = max(1, options.threads ?? configuration.threads)
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
        guard role == .chat else {
            // The batch is the longest text: it has to shrink.
            var sized = wanted
            var tokens = wantedContext
            while !sized.memory.total.fits(in: limits), tokens > smallestContext {
                tokens = max(tokens / 2, smallestContext)
                sized = try planned(with(load, context: tokens))
            }
            return sized
        }
        let search = try planner.largestContext(load, within: limits, ceiling: wantedContext)
        guard let memory = search.plan, memory.contextTokensPerSequence >= minimumContext else {
            // The cache refuses it, naming what the smallest would need.
            return try planned(with(load, context: smallestContext))
        }
        var load = load
        load.context.contextTokens = memory.contextTokens
        return Sized(load: load, memory: memory)
    }

    private func with(_ load: LoadOptions, context tokens: Int) -> LoadOptions {
        var load = load
        load.context.contextTokens = tokens
        if role != .chat {
            load.context.microBatch = options.microBatch ?? tokens
            load.context.batch = load.context.microBatch
        }
        return load
    }

    private func planned(_ load: LoadOptions) throws(PlanError) -> Sized {
        Sized(load: load, memory: try planner.plan(load))
    }
}
