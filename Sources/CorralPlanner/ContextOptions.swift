/// What a llama.cpp context is created with, as far as memory depends on it
/// (`llama_context_params`, llama.cpp b11434).
public struct ContextOptions: Hashable, Sendable {
    /// Whether attention runs in one fused step, without a matrix of scores.
    public enum FlashAttention: String, CaseIterable, Codable, Hashable, Sendable {
        /// Where the model and the devices support it: everywhere but Grok.
        case automatic = "auto"
        /// Always.
        case on
        /// Never: the scores take heads × context × micro-batch × 4 bytes.
        case off
    }

    /// The tokens of all sequences together (`n_ctx`); `nil` for the training context.
    public var contextTokens: Int?

    /// The most tokens of one call (`n_batch`).
    public var batch: Int

    /// The most tokens computed at once (`n_ubatch`); compute memory grows with it.
    public var microBatch: Int

    /// The conversations held at once: llama-server's slots (`n_seq_max`).
    public var sequences: Int

    /// Whether the sequences share one cache, each growing up to the whole context
    /// (`kv_unified`), rather than having an equal part each.
    public var unifiedCache: Bool

    /// Whether attention is fused.
    public var flashAttention: FlashAttention

    /// How keys are stored.
    public var keyCacheType: CacheType

    /// How values are stored.
    public var valueCacheType: CacheType

    /// The most tokens of a batch whose logits are computed (`n_outputs_max`); `nil` for all.
    public var outputs: Int?

    /// Whether the context returns embeddings.
    public var embeddings: Bool

    /// Whether sliding-window layers keep the whole context (`swa_full`).
    public var fullWindowCache: Bool

    /// Creates options; the defaults are libllama's own, but for `swa_full`, which llama-server
    /// turns off.
    ///
    /// - Parameters:
    ///   - contextTokens: The tokens of all sequences together; `nil` for the training context.
    ///   - batch: The most tokens of one call.
    ///   - microBatch: The most tokens computed at once.
    ///   - sequences: The conversations held at once.
    ///   - unifiedCache: Whether the sequences share one cache.
    ///   - flashAttention: Whether attention is fused.
    ///   - keyCacheType: How keys are stored.
    ///   - valueCacheType: How values are stored.
    ///   - outputs: The most tokens of a batch with logits; `nil` for all.
    ///   - embeddings: Whether the context returns embeddings.
    ///   - fullWindowCache: Whether sliding-window layers keep the whole context.
    public init(
        contextTokens: Int? = nil,
        batch: Int = 2048,
        microBatch: Int = 512,
        sequences: Int = 1,
        unifiedCache: Bool = false,
        flashAttention: FlashAttention = .automatic,
        keyCacheType: CacheType = .f16,
        valueCacheType: CacheType = .f16,
        outputs: Int? = nil,
        embeddings: Bool = false,
        fullWindowCache: Bool = false
    ) {
        self.contextTokens = contextTokens
        self.batch = batch
        self.microBatch = microBatch
        self.sequences = sequences
        self.unifiedCache = unifiedCache
        self.flashAttention = flashAttention
        self.keyCacheType = keyCacheType
        self.valueCacheType = valueCacheType
        self.outputs = outputs
        self.embeddings = embeddings
        self.fullWindowCache = fullWindowCache
    }
}
