/// A context's sizes as llama.cpp rounds them (`llama_context::llama_context` in
/// `llama-context.cpp`, llama.cpp b11434).
struct ContextShape: Hashable, Sendable {
    /// The tokens of all sequences together.
    var contextTokens: Int64
    /// The tokens of one sequence; with a shared cache all of them.
    var sequenceTokens: Int64
    /// The most conversations.
    var sequences: Int64
    /// The caches: one, or one a sequence.
    var streams: Int64
    /// The most tokens of one call.
    var batch: Int64
    /// The most tokens computed at once.
    var microBatch: Int64
    /// The most tokens of a batch that have an output.
    var outputs: Int64
    /// Whether attention is fused.
    var flashAttention: Bool
    var keyType: CacheType
    var valueType: CacheType
    var embeddings: Bool
    var fullWindow: Bool

    /// The tokens a context grows by: llama.cpp pads to 256.
    static let step: Int64 = 256

    /// The tokens computed at once in the largest graph (`sched_reserve`).
    var graphTokens: Int64 {
        let tokens = min(contextTokens, microBatch)
        return sequences > 1 ? (tokens + sequences - 1) / sequences * sequences : tokens
    }

    /// The outputs of the largest graph.
    var graphOutputs: Int64 { max(1, min(min(contextTokens, microBatch), outputs)) }

    /// The cells of a window's cache, of each stream (`llama_kv_cache_iswa`).
    ///
    /// - Parameters:
    ///   - window: The window's length in tokens.
    ///   - isShared: Whether all sequences share the cache.
    /// - Returns: Tokens.
    func windowCells(_ window: Int64, isShared: Bool) -> Int64 {
        guard !fullWindow else { return sequenceTokens }
        let wanted = window * (isShared ? sequences : 1) + microBatch
        return min(sequenceTokens, wanted).padded(to: Self.step)
    }

    /// Rounds options for a model.
    ///
    /// - Throws: Where llama.cpp refuses the options, or refuses them for this model.
    init(
        _ options: ContextOptions,
        _ model: HyperParameters,
        _ row: Architecture
    ) throws(PlanError) {
        let limit = Int(Int32.max)
        func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws(PlanError) {
            guard range.contains(value) else {
                throw PlanError(
                    .unsupportedOption,
                    subject: name,
                    "The option \(name) is \(value); give a number from \(range.lowerBound) to \(range.upperBound)."
                )
            }
        }
        if let tokens = options.contextTokens { try check("context", tokens, in: 1...limit) }
        try check("batch", options.batch, in: 1...limit)
        try check("ubatch", options.microBatch, in: 0...limit)
        // LLAMA_MAX_SEQ.
        try check("parallel", options.sequences, in: 1...256)
        try check("outputs", options.outputs ?? 0, in: 0...limit)

        let wanted = Int64(options.contextTokens ?? Int(model.trainingContext))
        guard wanted > 0 else {
            throw PlanError(
                .unsupportedOption,
                subject: "context",
                "The file gives no training context; give the context's length in tokens."
            )
        }
        sequences = Int64(options.sequences)
        streams = options.unifiedCache ? 1 : sequences
        batch = model.isCausal ? min(wanted, Int64(options.batch)) : Int64(options.batch)
        microBatch =
            options.microBatch == 0 ? batch : min(batch, Int64(options.microBatch))
        let hasEncoder = row.traits.contains(.encoderDecoder) || row.name == "t5encoder"
        let given = hasEncoder ? 0 : Int64(options.outputs ?? 0)
        outputs = given == 0 ? batch : given
        // llama.cpp aborts otherwise: a context begins with an output for every sequence
        // (`llama_context::output_reserve`).
        guard outputs >= sequences else {
            throw PlanError(
                .unsupportedOption,
                subject: given == 0 ? "batch" : "outputs",
                "Only \(outputs) tokens of a batch may have an output, fewer than the \(sequences) sequences; give each sequence one, or fewer sequences."
            )
        }
        let padded = wanted.padded(to: Self.step)
        sequenceTokens =
            options.unifiedCache ? padded : (padded / sequences).padded(to: Self.step)
        contextTokens = options.unifiedCache ? padded : sequenceTokens * sequences
        keyType = options.keyCacheType
        valueType = options.valueCacheType
        embeddings = options.embeddings || row.traits.contains(.encoderDecoder)
        fullWindow = options.fullWindowCache
        flashAttention =
            options.flashAttention != .off && !row.traits.contains(.noFlashAttention)
        try checkTypes(model, row)
    }

    /// What `llama_init_from_model` checks of the cache's types.
    private func checkTypes(_ model: HyperParameters, _ row: Architecture) throws(PlanError) {
        if case .none = row.memory { return }
        let isKeyOnly = if case .compressed = row.memory { true } else { model.isLatent }
        if isKeyOnly, keyType != valueType {
            throw PlanError(
                .unsupportedOption,
                subject: "cache-type-v",
                "This model caches keys alone, so both cache types must be the same; give \(keyType) for both."
            )
        }
        if valueType.isQuantized, !flashAttention {
            throw PlanError(
                .unsupportedOption,
                subject: "cache-type-v",
                "Values of type \(valueType) need flash attention, which is off\(row.traits.contains(.noFlashAttention) ? " for this model" : ""); use f16 or turn it on."
            )
        }
        guard flashAttention else { return }
        for layer in model.layers.prefix(model.trunk) {
            for (name, type, head) in [
                ("cache-type-k", keyType, layer.keyHead),
                ("cache-type-v", valueType, layer.valueHead),
            ] where head % Int64(type.blockElements) != 0 {
                throw PlanError(
                    .unsupportedOption,
                    subject: name,
                    "Blocks of \(type) have \(type.blockElements) elements, which does not divide this model's heads of \(head); use f16."
                )
            }
        }
    }
}

extension Int64 {
    /// The next multiple of `step`.
    func padded(to step: Int64) -> Int64 {
        (self + step - 1) / step * step
    }
}
