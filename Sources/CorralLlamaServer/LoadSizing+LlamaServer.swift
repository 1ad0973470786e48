public import CorralCache
import CorralMemory
public import CorralPlanner

extension LoadSizing {
    /// How a llama-server loads a model: what its options say, and what they leave open.
    ///
    /// - Parameters:
    ///   - options: What was asked for.
    ///   - role: What the model is loaded for.
    ///   - accelerators: The devices layers can go to.
    ///   - cpu: What llama.cpp's CPU backend was compiled for.
    ///   - threads: The threads that compute where the options do not say.
    public init(
        _ options: LlamaServerOptions,
        role: ModelRole,
        accelerators: [Accelerator],
        cpu: CPUFeatures,
        threads: Int
    ) {
        let slots = max(1, options.slots)
        var load = LoadOptions.llamaServer(role, slots: slots)
        load.context.batch = max(1, options.batch)
        load.context.microBatch = min(max(1, options.microBatch ?? 512), load.context.batch)
        load.context.unifiedCache = options.unifiedCache
        load.context.flashAttention = options.flashAttention
        load.context.keyCacheType = options.keyCacheType
        load.context.valueCacheType = options.valueCacheType
        load.context.fullWindowCache = options.fullWindowCache
        load.gpuLayers = max(0, options.gpuLayers ?? 0)
        load.accelerators = accelerators
        load.offloadsCache = options.offloadsCache
        load.repacks = options.repacks
        load.cpu = cpu
        load.threads = max(1, options.threads ?? threads)
        // A text is embedded whole, so the batch holds the longest.
        let isWhole = role != .chat && options.microBatch == nil
        if role == .chat {
            load.promptCacheLimit = options.promptCacheLimit
            load.contextCheckpoints = options.contextCheckpoints
        } else if let microBatch = options.microBatch {
            load.context.microBatch = max(1, microBatch)
            load.context.batch = load.context.microBatch
        }
        let streams = options.unifiedCache ? 1 : slots
        self.init(
            load,
            // A request's own, times the caches there are.
            contextTokens: options.contextTokens.map { tokens in
                let (product, overflow) = tokens.multipliedReportingOverflow(by: streams)
                return overflow ? .max : product
            },
            contextCeiling: options.contextCeiling,
            batchFollowsContext: isWhole,
            fillsAccelerators: options.gpuLayers == nil && !accelerators.isEmpty,
            loadModes: options.loadMode.map { [$0] } ?? [.mapped, .copied]
        )
    }
}
