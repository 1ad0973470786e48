public import CorralPlanner

/// What one model is loaded with: settings that every engine has, and the in-process engine's own.
///
/// The settings most often chosen are members of this, too: `options.contextTokens`. A context is
/// shared by all conversations of a model, and may be used by one alone.
public struct LlamaOptions: Hashable, Sendable {
    /// What every engine lets one choose.
    public var load: LoadSettings

    /// Whether embeddings have length 1.
    public var normalizes: Bool

    /// A chat template, or the name of one that llama.cpp knows, such as `chatml`; `nil` for the
    /// model's own.
    public var chatTemplate: String?

    /// Whether conversations are saved when the model is unloaded, and known when it is loaded anew.
    ///
    /// Needs ``LlamaEngine/Configuration/stateFolder``; chat only.
    public var savesConversations: Bool

    /// Creates options.
    ///
    /// - Parameters:
    ///   - load: What every engine lets one choose.
    ///   - normalizes: Whether embeddings have length 1.
    ///   - chatTemplate: A chat template, or the name of one that llama.cpp knows.
    ///   - savesConversations: Whether conversations are saved when the model is unloaded.
    public init(
        _ load: LoadSettings,
        normalizes: Bool = true,
        chatTemplate: String? = nil,
        savesConversations: Bool = false
    ) {
        self.load = load
        self.normalizes = normalizes
        self.chatTemplate = chatTemplate
        self.savesConversations = savesConversations
    }

    /// Creates options, with the settings most often chosen as arguments.
    public init(
        contextTokens: Int? = nil,
        contextCeiling: Int = LoadSizing.defaultContext,
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
        self.init(
            LoadSettings(
                contextTokens: contextTokens,
                contextCeiling: contextCeiling,
                slots: slots,
                batch: batch,
                microBatch: microBatch,
                keyCacheType: keyCacheType,
                valueCacheType: valueCacheType,
                flashAttention: flashAttention,
                fullWindowCache: fullWindowCache,
                gpuLayers: gpuLayers,
                loadMode: loadMode,
                repacks: repacks,
                threads: threads,
                pooling: pooling
            ),
            normalizes: normalizes,
            chatTemplate: chatTemplate,
            savesConversations: savesConversations
        )
    }
}

/// The settings of every engine, for programs that import this library alone.
extension LlamaOptions {
    /// The tokens of context one conversation can use; `nil` for the most that fits.
    public var contextTokens: Int? {
        get { load.contextTokens }
        set { load.contextTokens = newValue }
    }

    /// The most tokens of context chosen where ``contextTokens`` is `nil`.
    public var contextCeiling: Int {
        get { load.contextCeiling }
        set { load.contextCeiling = newValue }
    }

    /// The conversations, or texts, computed at once; `nil` for 4 and 16.
    public var slots: Int? {
        get { load.slots }
        set { load.slots = newValue }
    }

    /// The most tokens of one call of the model, chat only.
    public var batch: Int {
        get { load.batch }
        set { load.batch = newValue }
    }

    /// The most tokens computed at once; for texts `nil` stands for the context.
    public var microBatch: Int? {
        get { load.microBatch }
        set { load.microBatch = newValue }
    }

    /// How keys are stored.
    public var keyCacheType: CacheType {
        get { load.keyCacheType }
        set { load.keyCacheType = newValue }
    }

    /// How values are stored; a quantized type needs flash attention.
    public var valueCacheType: CacheType {
        get { load.valueCacheType }
        set { load.valueCacheType = newValue }
    }

    /// Whether attention is fused.
    public var flashAttention: ContextOptions.FlashAttention {
        get { load.flashAttention }
        set { load.flashAttention = newValue }
    }

    /// Whether sliding-window layers keep the whole context.
    public var fullWindowCache: Bool {
        get { load.fullWindowCache }
        set { load.fullWindowCache = newValue }
    }

    /// How many layers accelerators take; `nil` for as many as fit.
    public var gpuLayers: Int? {
        get { load.gpuLayers }
        set { load.gpuLayers = newValue }
    }

    /// How weights get into memory; `nil` for the way that takes less.
    public var loadMode: LoadOptions.LoadMode? {
        get { load.loadMode }
        set { load.loadMode = newValue }
    }

    /// Whether weights are repacked for the CPU.
    public var repacks: Bool {
        get { load.repacks }
        set { load.repacks = newValue }
    }

    /// The threads that compute; `nil` for the engine's own number.
    public var threads: Int? {
        get { load.threads }
        set { load.threads = newValue }
    }

    /// How the vectors of a text's tokens become one; `nil` for what the file says, else their mean.
    public var pooling: ModelDescription.Pooling? {
        get { load.pooling }
        set { load.pooling = newValue }
    }
}
