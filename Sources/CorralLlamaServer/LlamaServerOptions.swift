public import CorralCache
public import CorralGGUF
public import CorralMemory
public import CorralPlanner

/// What one model is loaded with; `nil` leaves a setting to the plan.
///
/// Everything here ends up as an explicit argument of llama-server, and everything that takes
/// memory is counted.
public struct LlamaServerOptions: Hashable, Sendable {
    /// The tokens of context one request can use; `nil` for the most that fits, up to
    /// ``contextCeiling`` and what the model was trained on.
    public var contextTokens: Int?

    /// The most tokens of context chosen where ``contextTokens`` is `nil`.
    public var contextCeiling: Int

    /// The requests served at once.
    public var slots: Int

    /// Whether slots share one KV cache, each using as much as it needs, rather than having one
    /// of ``contextTokens`` each.
    public var unifiedCache: Bool

    /// The most tokens of one call of the model.
    public var batch: Int

    /// The most tokens computed at once; for embedding and reranking, where the whole text has
    /// to be, `nil` stands for the context.
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

    /// The most bytes of finished prompts kept for later, in whole mebibytes; chat only.
    public var promptCacheLimit: ByteCount

    /// The states kept of each slot where a cache cannot be cut back: windows and recurrent
    /// models; chat only.
    public var contextCheckpoints: Int

    /// The threads that compute; `nil` for the engine's own number.
    public var threads: Int?

    /// How the vectors of a text's tokens become one; `nil` for what the file says.
    public var pooling: ModelDescription.Pooling?

    /// The name answers give the model; `nil` for the file's.
    public var alias: String?

    /// The path of the file that turns images or sound into tokens of the model; chat only.
    public var projector: String?

    /// How long a load may take; `nil` for 30 s and a second for each 50 MB of the file.
    public var loadDeadline: Duration?

    /// More arguments for llama-server, after all others; those that the engine sets itself are
    /// refused.
    public var extraArguments: [String]

    /// Creates options; every setting has a default that suits a small machine.
    ///
    /// - Parameters:
    ///   - contextTokens: The tokens of context one request can use.
    ///   - contextCeiling: The most tokens of context chosen automatically.
    ///   - slots: The requests served at once.
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
    ///   - alias: The name answers give the model.
    ///   - projector: The file that turns images or sound into tokens.
    ///   - loadDeadline: How long a load may take.
    ///   - extraArguments: More arguments for llama-server.
    public init(
        contextTokens: Int? = nil,
        contextCeiling: Int = LoadSizing.usualContext,
        slots: Int = 4,
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
        alias: String? = nil,
        projector: String? = nil,
        loadDeadline: Duration? = nil,
        extraArguments: [String] = []
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
        self.alias = alias
        self.projector = projector
        self.loadDeadline = loadDeadline
        self.extraArguments = extraArguments
    }
}

extension LlamaServerOptions {
    /// Plans the projector that is loaded beside a model: none where further arguments name one, or
    /// say that there is to be none.
    ///
    /// - Parameter role: What the model is loaded for; only chat sees pictures.
    /// - Returns: The plan.
    /// - Throws: `GGUFError`, where its file cannot be read.
    public func projectorPlan(for role: ModelRole) throws(GGUFError) -> ProjectorPlan? {
        let own = ["-mm", "--mmproj", "-mmu", "--mmproj-url", "--no-mmproj"]
        let names = extraArguments.map { String($0.prefix { $0 != "=" }) }
        guard role == .chat, let projector, !names.contains(where: own.contains) else {
            return nil
        }
        return ProjectorPlan(try GGUFFile(path: projector))
    }
}
