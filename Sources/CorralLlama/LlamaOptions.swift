public import CorralPlanner

/// What one model is loaded with; `nil` leaves a setting to the plan.
public struct LlamaOptions: Hashable, Sendable {
    /// The tokens of context of all conversations together, and of one alone; `nil` for the most
    /// that fits, up to ``contextCeiling`` and what the model was trained on.
    public var contextTokens: Int?

    /// The most tokens of context chosen where ``contextTokens`` is `nil`.
    public var contextCeiling: Int

    /// The conversations, or texts, computed at once; `nil` for 4 and 16.
    public var slots: Int?

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

    /// How weights get into memory; `nil` for the way that takes less, mapped where they tie.
    public var loadMode: LoadOptions.LoadMode?

    /// Whether weights are repacked for the CPU: faster, and twice in memory where mapped.
    public var repacks: Bool

    /// The threads that compute; `nil` for the engine's own number.
    public var threads: Int?

    /// How the vectors of a text's tokens become one; `nil` for what the file says, and their mean
    /// where it says nothing.
    public var pooling: ModelDescription.Pooling?

    /// Whether embeddings have length 1.
    public var normalizes: Bool

    /// A chat template, or the name of one that llama.cpp knows, such as `chatml`; `nil` for the
    /// model's own.
    public var chatTemplate: String?

    /// Whether conversations are saved when the model is unloaded, and known when it is loaded anew.
    ///
    /// Needs ``LlamaEngine/Configuration/stateFolder``; chat only.
    public var savesConversations: Bool

    /// Creates options; every setting has a default that suits a small machine.
    public init(
        contextTokens: Int? = nil,
        contextCeiling: Int = 8192,
        slots: Int? = nil,
        batch: Int = 2048,
        microBatch: Int? = nil,
        keyCacheType: CacheType = .f16,
        valueCacheType: CacheType = .f16,
        flashAttention: ContextOptions.FlashAttention = .automatic,
        fullWindowCache: Bool = false,
        gpuLayers: Int? = nil,
        loadMode: LoadOptions.LoadMode? = nil,
        repacks: Bool = true,
        threads: Int? = nil,
        pooling: ModelDescription.Pooling? = nil,
        normalizes: Bool = true,
        chatTemplate: String? = nil,
        savesConversations: Bool = false
    ) {
        self.contextTokens = contextTokens
        self.contextCeiling = contextCeiling
        self.slots = slots
        self.batch = batch
        self.microBatch = microBatch
        self.keyCacheType = keyCacheType
        self.valueCacheType = valueCacheType
        self.flashAttention = flashAttention
        self.fullWindowCache = fullWindowCache
        self.gpuLayers = gpuLayers
        self.loadMode = loadMode
        self.repacks = repacks
        self.threads = threads
        self.pooling = pooling
        self.normalizes = normalizes
        self.chatTemplate = chatTemplate
        self.savesConversations = savesConversations
    }
}
