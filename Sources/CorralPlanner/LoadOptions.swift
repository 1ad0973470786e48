public import CorralMemory

/// Everything that decides how much memory loading a model takes.
public struct LoadOptions: Hashable, Sendable {
    /// How weights get from the file into memory.
    public enum LoadMode: String, CaseIterable, Codable, Hashable, Sendable {
        /// Mapped: their pages are the file's, shared by all that map it, and reclaimable. What is
        /// repacked for the CPU is held besides.
        case mapped
        /// Read into memory of the process's own (`--load-mode none`).
        case copied
    }

    /// What process holds the model.
    public enum Process: String, CaseIterable, Codable, Hashable, Sendable {
        /// A llama-server.
        case llamaServer
        /// One that is there anyway and has llama.cpp loaded.
        case host
    }

    /// What the model is asked to do.
    public var role: ModelRole

    /// What its context is created with.
    public var context: ContextOptions

    /// How many layers go to `accelerators`, the last first; the output is the very first.
    public var gpuLayers: Int

    /// The devices layers can be offloaded to.
    public var accelerators: [Accelerator]

    /// Whether the cache of an offloaded layer is offloaded with it.
    public var offloadsCache: Bool

    /// Whether weights are repacked for the CPU where its features allow.
    public var repacks: Bool

    /// What the CPU backend was compiled for.
    public var cpu: CPUFeatures

    /// How weights get into memory.
    public var loadMode: LoadMode

    /// The most bytes of finished prompts kept for later (`--cache-ram`).
    public var promptCacheLimit: ByteCount

    /// The states kept of each conversation where a cache cannot be cut back: windows and recurrent
    /// models (`--ctx-checkpoints`).
    public var contextCheckpoints: Int

    /// The threads that compute.
    public var threads: Int

    /// What process holds the model.
    public var process: Process

    /// What turns images or sound into tokens, loaded beside the model.
    public var projector: ProjectorPlan?

    /// Where the projector goes: with the layers, where those go to a device.
    public var projectorDomain: MemoryDomain {
        gpuLayers > 0 ? accelerators.first?.domain ?? .host : .host
    }

    /// Creates options.
    ///
    /// - Parameters:
    ///   - role: What the model is asked to do.
    ///   - context: What its context is created with.
    ///   - gpuLayers: How many layers go to `accelerators`.
    ///   - accelerators: The devices layers can be offloaded to.
    ///   - offloadsCache: Whether the cache of an offloaded layer is offloaded with it.
    ///   - repacks: Whether weights are repacked for the CPU.
    ///   - cpu: What the CPU backend was compiled for.
    ///   - loadMode: How weights get into memory.
    ///   - promptCacheLimit: The most bytes of finished prompts kept for later.
    ///   - contextCheckpoints: The states kept of each conversation.
    ///   - threads: The threads that compute.
    ///   - process: What process holds the model.
    ///   - projector: What turns images or sound into tokens.
    public init(
        role: ModelRole = .chat,
        context: ContextOptions = ContextOptions(),
        gpuLayers: Int = 0,
        accelerators: [Accelerator] = [],
        offloadsCache: Bool = true,
        repacks: Bool = true,
        cpu: CPUFeatures = [],
        loadMode: LoadMode = .mapped,
        promptCacheLimit: ByteCount = .zero,
        contextCheckpoints: Int = 0,
        threads: Int = 1,
        process: Process = .llamaServer,
        projector: ProjectorPlan? = nil
    ) {
        self.role = role
        self.context = context
        self.gpuLayers = gpuLayers
        self.accelerators = accelerators
        self.offloadsCache = offloadsCache
        self.repacks = repacks
        self.cpu = cpu
        self.loadMode = loadMode
        self.promptCacheLimit = promptCacheLimit
        self.contextCheckpoints = contextCheckpoints
        self.threads = threads
        self.process = process
        self.projector = projector
    }

    /// The options a llama-server has in one role.
    ///
    /// A chat server computes as many logits as it has slots, and they share one cache. An
    /// embedding or reranking server computes each batch at once, so its batch is its micro-batch,
    /// has an output for every token, and keeps no prompts (`server.cpp`, `server-context.cpp`,
    /// b11434).
    ///
    /// - Parameters:
    ///   - role: What the model is asked to do.
    ///   - slots: The requests served at once.
    ///   - contextTokens: The tokens of all slots together; `nil` for the training context.
    ///   - microBatch: The most tokens computed at once; for embedding and reranking the longest
    ///     text.
    /// - Returns: The options of such a process.
    public static func llamaServer(
        _ role: ModelRole,
        slots: Int = 4,
        contextTokens: Int? = nil,
        microBatch: Int = 512
    ) -> LoadOptions {
        var context = ContextOptions(
            contextTokens: contextTokens,
            microBatch: microBatch,
            sequences: slots,
            unifiedCache: true
        )
        switch role {
        case .chat: context.outputs = slots
        case .embed, .rerank:
            context.batch = microBatch
            context.embeddings = true
        }
        return LoadOptions(role: role, context: context)
    }
}
