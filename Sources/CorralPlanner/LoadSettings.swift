public import CorralMemory

/// What a person or a program chooses of how a model is loaded, whatever engine loads it; `nil`
/// leaves a setting to the plan.
///
/// ``LoadSizing`` makes ``LoadOptions`` of it, in which nothing is open.
public struct LoadSettings: Hashable, Sendable {
    /// The tokens of context one request can use; `nil` for the most that fits, up to
    /// ``contextCeiling`` and what the model was trained on.
    public var contextTokens: Int?

    /// The most tokens of context chosen where ``contextTokens`` is `nil`.
    public var contextCeiling: Int

    /// The requests, or texts, computed at once; `nil` for what suits the process and the role.
    public var slots: Int?

    /// Whether slots share one KV cache, each using as much as it needs, rather than having one
    /// of ``contextTokens`` each.
    public var unifiedCache: Bool

    /// The most tokens of one call of the model, chat only.
    public var batch: Int

    /// The most tokens computed at once; for embedding and reranking, where a whole text has to
    /// be, `nil` stands for the context.
    public var microBatch: Int?

    /// How keys are stored.
    public var keyCacheType: CacheType

    /// How values are stored; a quantized type needs flash attention.
    public var valueCacheType: CacheType

    /// Whether attention is fused.
    public var flashAttention: ContextOptions.FlashAttention

    /// Whether sliding-window layers keep the whole context.
    public var fullWindowCache: Bool

    /// How many layers accelerators take, the output layer counting as one; `nil` for as many as
    /// fit.
    public var gpuLayers: Int?

    /// Whether the cache of an offloaded layer is offloaded with it.
    public var offloadsCache: Bool

    /// How weights get into memory; `nil` for the way that takes less, mapped where they tie.
    public var loadMode: LoadOptions.LoadMode?

    /// Whether weights are repacked for the CPU: faster, and twice in memory where mapped.
    public var repacks: Bool

    /// The most bytes of finished prompts kept for later, in whole mebibytes; a llama-server that
    /// chats only.
    public var promptCacheLimit: ByteCount

    /// The states kept of each slot where a cache cannot be cut back, as of sliding windows and
    /// recurrent models; a llama-server that chats only.
    public var contextCheckpoints: Int

    /// The threads that compute; `nil` for the engine's own number.
    public var threads: Int?

    /// How the vectors of a text's tokens become one; `nil` for what the file says.
    public var pooling: ModelDescription.Pooling?

    /// The path of the file that turns images or sound into tokens of the model; a llama-server
    /// that chats only.
    public var projector: String?

    /// Creates settings; every one has a default that suits a small machine.
    ///
    /// - Parameters:
    ///   - contextTokens: The tokens of context one request can use.
    ///   - contextCeiling: The most tokens of context chosen automatically.
    ///   - slots: The requests, or texts, computed at once.
    ///   - unifiedCache: Whether slots share one KV cache.
    ///   - batch: The most tokens of one call of the model.
    ///   - microBatch: The most tokens computed at once.
    ///   - keyCacheType: How keys are stored.
    ///   - valueCacheType: How values are stored.
    ///   - flashAttention: Whether attention is fused.
    ///   - fullWindowCache: Whether sliding-window layers keep the whole context.
    ///   - gpuLayers: How many layers accelerators take.
    ///   - offloadsCache: Whether the cache of an offloaded layer is offloaded with it.
    ///   - loadMode: How weights get into memory.
    ///   - repacks: Whether weights are repacked for the CPU.
    ///   - promptCacheLimit: The most bytes of finished prompts kept for later.
    ///   - contextCheckpoints: The states kept of each slot.
    ///   - threads: The threads that compute.
    ///   - pooling: How the vectors of a text's tokens become one.
    ///   - projector: The file that turns images or sound into tokens.
    public init(
        contextTokens: Int? = nil,
        contextCeiling: Int = LoadSizing.defaultContext,
        slots: Int? = nil,
        unifiedCache: Bool = true,
        batch: Int = 2048,
        microBatch: Int? = nil,
        keyCacheType: CacheType = .f16,
        valueCacheType: CacheType = .f16,
        flashAttention: ContextOptions.FlashAttention = .automatic,
        fullWindowCache: Bool = false,
        gpuLayers: Int? = nil,
        offloadsCache: Bool = true,
        loadMode: LoadOptions.LoadMode? = nil,
        repacks: Bool = true,
        promptCacheLimit: ByteCount = .zero,
        contextCheckpoints: Int = 2,
        threads: Int? = nil,
        pooling: ModelDescription.Pooling? = nil,
        projector: String? = nil
    ) {
        self.contextTokens = contextTokens
        self.contextCeiling = contextCeiling
        self.slots = slots
        self.unifiedCache = unifiedCache
        self.batch = batch
        self.microBatch = microBatch
        self.keyCacheType = keyCacheType
        self.valueCacheType = valueCacheType
        self.flashAttention = flashAttention
        self.fullWindowCache = fullWindowCache
        self.gpuLayers = gpuLayers
        self.offloadsCache = offloadsCache
        self.loadMode = loadMode
        self.repacks = repacks
        self.promptCacheLimit = promptCacheLimit
        self.contextCheckpoints = contextCheckpoints
        self.threads = threads
        self.pooling = pooling
        self.projector = projector
    }
}
