import CorralMemory
import CorralPlanner

/// What would make a plan fit that does not.
struct Remedies {
    var planner: MemoryPlanner
    var load: LoadOptions
    var memory: MemoryPlan
    var limits: DomainBytes

    /// One sentence for each remedy, the one that costs least first.
    var sentences: [String] {
        // Embedding and reranking have their batch as large as their context, so that it is
        // the batch that has to shrink.
        guard load.role == .chat else { return smallerBatch }
        var sentences: [String] = []
        if let quantized, fits(quantized) {
            sentences.append(
                "It would fit with its KV cache stored as q8_0, at the same context."
            )
        }
        if let tokens = largestContext(load) {
            sentences.append("A context of \(tokens) tokens would fit.")
        } else if let quantized, let tokens = largestContext(quantized) {
            sentences.append(
                "A context of \(tokens) tokens with a KV cache stored as q8_0 would fit."
            )
        }
        return sentences
    }

    /// The same with 8-bit keys and values, where they are larger now and may be.
    private var quantized: LoadOptions? {
        guard memory.flashAttention, !load.context.keyCacheType.isQuantized,
            !load.context.valueCacheType.isQuantized
        else { return nil }
        var load = load
        load.context.keyCacheType = .q8_0
        load.context.valueCacheType = .q8_0
        return load
    }

    private var smallerBatch: [String] {
        var tokens = load.context.microBatch / 2
        while tokens >= 256 {
            var load = load
            load.context.microBatch = tokens
            load.context.batch = tokens
            load.context.contextTokens = tokens
            if fits(load) { return ["It would fit for texts of at most \(tokens) tokens."] }
            tokens /= 2
        }
        return []
    }

    private func fits(_ load: LoadOptions) -> Bool {
        guard let plan = try? planner.plan(load) else { return false }
        return plan.total.fits(in: limits)
    }

    /// The largest context below the present one that fits, for one request.
    private func largestContext(_ load: LoadOptions) -> Int? {
        let search = try? planner.largestContext(
            load,
            within: limits,
            ceiling: memory.contextTokens
        )
        guard let plan = search?.plan else { return nil }
        return plan.contextTokensPerSequence
    }
}
