public import CorralMemory

extension LoadSizing {
    /// How a model is loaded: what its settings say, and what they leave open.
    ///
    /// The processes differ in what suits them: a llama-server has four slots in every role, and
    /// keeps prompts and states for later; a program that has llama.cpp loaded reads sixteen texts
    /// at once, and keeps nothing.
    ///
    /// - Parameters:
    ///   - settings: What was chosen; its ``LoadSettings/projector`` is planned by whoever reads
    ///     its file, and set in ``load``.
    ///   - role: What the model is loaded for.
    ///   - process: What process holds it.
    ///   - accelerators: The devices layers can go to.
    ///   - cpu: What llama.cpp's CPU backend was compiled for.
    ///   - threads: The threads that compute where the settings do not say.
    public init(
        _ settings: LoadSettings,
        role: ModelRole,
        process: LoadOptions.Process,
        accelerators: [Accelerator],
        cpu: CPUFeatures,
        threads: Int
    ) {
        let slots = settings.slots ?? Self.defaultSlots(role, process)
        var load = LoadOptions.llamaServer(role, slots: min(max(1, slots), Self.mostSlots))
        load.process = process
        load.context.batch = max(1, settings.batch)
        load.context.microBatch = min(max(1, settings.microBatch ?? 512), load.context.batch)
        load.context.unifiedCache = settings.unifiedCache
        load.context.flashAttention = settings.flashAttention
        load.context.keyCacheType = settings.keyCacheType
        load.context.valueCacheType = settings.valueCacheType
        load.context.fullWindowCache = settings.fullWindowCache
        load.gpuLayers = max(0, settings.gpuLayers ?? 0)
        load.accelerators = accelerators
        load.offloadsCache = settings.offloadsCache
        load.repacks = settings.repacks
        load.cpu = cpu
        load.threads = max(1, settings.threads ?? threads)
        if role == .chat, process == .llamaServer {
            load.promptCacheLimit = settings.promptCacheLimit
            load.contextCheckpoints = settings.contextCheckpoints
        }
        if role != .chat, let microBatch = settings.microBatch {
            load.context.microBatch = max(1, microBatch)
            load.context.batch = load.context.microBatch
        }
        let streams = settings.unifiedCache ? 1 : load.context.sequences
        self.init(
            load,
            // Of one request, times the caches there are.
            contextTokens: settings.contextTokens.map { tokens in
                let (product, overflow) = tokens.multipliedReportingOverflow(by: streams)
                return overflow ? .max : product
            },
            contextCeiling: settings.contextCeiling,
            // A text is read whole, so the batch holds the longest.
            batchFollowsContext: role != .chat && settings.microBatch == nil,
            fillsAccelerators: settings.gpuLayers == nil && !accelerators.isEmpty,
            loadModes: settings.loadMode.map { [$0] } ?? [.mapped, .copied]
        )
    }

    /// llama.cpp computes at most this many sequences in one context (`LLAMA_MAX_SEQ`).
    private static let mostSlots = 256

    private static func defaultSlots(_ role: ModelRole, _ process: LoadOptions.Process) -> Int {
        process == .host && role != .chat ? 16 : 4
    }

    /// Checks a context that is asked for against what the model has, before anything is planned.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - least: The tokens of context the request must have, or zero.
    /// - Throws: `PlanError/Code/unsupportedOption`.
    func checkContext(_ model: ModelDescription, least: Int) throws(PlanError) {
        func refuse(_ message: String) -> PlanError {
            PlanError(.unsupportedOption, subject: "n_ctx", message)
        }
        let asked = contextTokens.map { $0 / streams }
        if let asked, let total = contextTokens, asked < 1 || total > Int(Int32.max) {
            throw refuse(
                "A context of \(asked) tokens was asked for; give from 1 to \(Int32.max), or none to have it chosen."
            )
        }
        // Everything will do where the file does not say.
        let trained = model.trainingContext > 0 ? model.trainingContext : .max
        guard least <= max(trained, asked ?? 0) else {
            throw refuse(
                "The request needs a context of \(least) tokens, but the model was trained on \(trained); shorten it or choose another model."
            )
        }
        // Such models have no positions beyond those they were trained on: llama-server reads less,
        // and a process that has llama.cpp loaded would be ended by it.
        if load.process == .host, load.role != .chat, let asked, asked > trained {
            throw refuse(
                "A context of \(asked) tokens was asked for, but the model reads at most \(trained)."
            )
        }
    }
}
