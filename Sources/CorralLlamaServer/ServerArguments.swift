import CorralCache
import CorralMemory
import CorralPlanner

/// The arguments that make a llama-server do exactly what a plan says.
struct ServerArguments: Equatable, Sendable {
    private(set) var list: [String] = []
    private let features: ServerFeatures

    /// Writes a plan as arguments.
    ///
    /// - Parameters:
    ///   - plan: What was planned.
    ///   - socket: The path of the socket to listen on, ending in `.sock`.
    ///   - features: What the program can be told.
    /// - Throws: ``LlamaServerError`` where the program cannot do it, or an extra argument
    ///   contradicts the plan.
    init(
        _ plan: LlamaServerPlan,
        socket: String,
        features: ServerFeatures
    ) throws(LlamaServerError) {
        self.features = features
        try listen(plan, socket)
        try size(plan.load, plan.memory)
        try role(plan)
        try weights(plan.load)
        try projector(plan)
        list += try Self.checked(plan.options.extraArguments)
    }

    private mutating func listen(
        _ plan: LlamaServerPlan,
        _ socket: String
    ) throws(LlamaServerError) {
        list += ["--model", plan.model.path, "--host", socket]
        let file = plan.model.path.split(separator: "/").last.map(String.init) ?? plan.model.path
        let name = file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file
        // A comma would make two names of one.
        let alias = (plan.options.alias ?? name).replacing(",", with: "_")
        if features.has("--alias") { list += ["--alias", alias] }
        flag(["--no-ui", "--no-webui"])
        // Never fetches anything, whatever the environment says.
        flag(["--offline"])
        flag(["--metrics"])
        value(["--log-colors"], "off")
    }

    private mutating func size(
        _ load: LoadOptions,
        _ memory: MemoryPlan
    ) throws(LlamaServerError) {
        let context = load.context
        list += ["--ctx-size", "\(memory.contextTokens)"]
        list += ["--batch-size", "\(context.batch)", "--ubatch-size", "\(context.microBatch)"]
        list += ["--parallel", "\(context.sequences)"]
        if context.unifiedCache {
            flag(["--kv-unified"])
        } else if !flag(["--no-kv-unified", "-no-kvu"]) {
            throw tooOld("--no-kv-unified")
        }
        list += ["--cache-type-k", context.keyCacheType.rawValue]
        list += ["--cache-type-v", context.valueCacheType.rawValue]
        if features.takesValue("--flash-attn") {
            list += ["--flash-attn", memory.flashAttention ? "on" : "off"]
        } else if memory.flashAttention {
            flag(["--flash-attn"])
        }
        if context.fullWindowCache, !flag(["--swa-full"]) { throw tooOld("--swa-full") }
        list += ["--threads", "\(load.threads)"]
        value(["--threads-batch"], "\(load.threads)")
        // Sizes were settled by the plan; on a CPU, --fit compares with all memory there is.
        value(["--fit"], "off")
        let cache = load.promptCacheLimit.rawValue >> 20
        if !value(["--cache-ram"], "\(cache)"), cache > 0 { throw tooOld("--cache-ram") }
        // A build that does not know the option keeps no checkpoints: less than was planned.
        value(["--ctx-checkpoints", "--swa-checkpoints"], "\(max(0, load.contextCheckpoints))")
    }

    private mutating func role(_ plan: LlamaServerPlan) throws(LlamaServerError) {
        switch plan.load.role {
        case .chat: break
        case .embed:
            flag(["--embedding", "--embeddings"])
            if let pooling = plan.options.pooling, !value(["--pooling"], pooling.rawValue) {
                throw tooOld("--pooling")
            }
        case .rerank: flag(["--reranking", "--rerank"])
        }
    }

    private mutating func weights(_ load: LoadOptions) throws(LlamaServerError) {
        switch load.loadMode {
        case .mapped: value(["--load-mode"], "mmap")
        case .copied:
            if !value(["--load-mode"], "none"), !flag(["--no-mmap"]) { throw tooOld("--load-mode") }
        }
        if !load.repacks, !flag(["--no-repack"]) { throw tooOld("--no-repack") }
        let isOffloaded = load.gpuLayers > 0 && !load.accelerators.isEmpty
        // A device that is not used still takes memory for its context once it is opened.
        let devices = load.accelerators.map(\.bufferName).joined(separator: ",")
        value(["--device"], isOffloaded ? devices : "none")
        value(["--gpu-layers", "--n-gpu-layers"], isOffloaded ? "\(load.gpuLayers)" : "0")
        guard isOffloaded else {
            // A request waits for every load, and its own first batch warms a CPU as well: the
            // empty batch before it took 0.08 s of 0.33 s from start to first token, measured. On
            // a device it finds out that memory does not suffice while that is still a failed load.
            flag(["--no-warmup"])
            return
        }
        if load.accelerators.count > 1 {
            let shares = load.accelerators.map { "\($0.share)" }.joined(separator: ",")
            value(["--tensor-split"], shares)
        }
        if !load.offloadsCache, !flag(["--no-kv-offload"]) { throw tooOld("--no-kv-offload") }
    }

    private mutating func projector(_ plan: LlamaServerPlan) throws(LlamaServerError) {
        guard let path = plan.load.projector?.path else { return }
        guard value(["--mmproj"], path) else { throw tooOld("--mmproj") }
        if plan.load.projectorDomain == .host { flag(["--no-mmproj-offload"]) }
    }

    /// Adds an option without a value, by the first name the program knows.
    @discardableResult
    private mutating func flag(_ names: [String]) -> Bool {
        guard let name = features.first(of: names) else { return false }
        list.append(name)
        return true
    }

    /// Adds an option with a value, by the first name the program knows.
    @discardableResult
    private mutating func value(_ names: [String], _ value: String) -> Bool {
        guard let name = features.first(of: names) else { return false }
        list += [name, value]
        return true
    }

    private func tooOld(_ option: String) -> LlamaServerError {
        let build = features.build.map { " (build \($0))" } ?? ""
        return LlamaServerError(
            .programTooOld,
            "This llama-server\(build) has no \(option), which the model's options need; install a newer llama.cpp or change them."
        )
    }

    /// Refuses extra arguments that would change what was planned or where the server listens.
    private static func checked(_ extra: [String]) throws(LlamaServerError) -> [String] {
        for argument in extra {
            let name = argument.prefix { $0 != "=" }
            guard let setting = owned[String(name)] else { continue }
            throw LlamaServerError(
                .badArgument,
                "The extra argument \(name) is set by \(setting); remove it from the extra arguments."
            )
        }
        return extra
    }

    /// What sets each argument that is not for extra arguments.
    private static let owned: [String: String] = {
        let settings: [(String, [String])] = [
            ("the engine", ["-m", "--model", "--host", "--port", "--api-key", "--api-prefix"]),
            ("the context size", ["-c", "--ctx-size", "--kv-unified-per-slot"]),
            ("the batch", ["-b", "--batch-size", "-ub", "--ubatch-size"]),
            ("the slots", ["-np", "--parallel"]),
            ("the KV cache's sharing", ["-kvu", "--kv-unified", "-no-kvu", "--no-kv-unified"]),
            ("the KV cache's type", ["-ctk", "--cache-type-k", "-ctv", "--cache-type-v"]),
            ("flash attention", ["-fa", "--flash-attn"]),
            ("the prompt cache's limit", ["-cram", "--cache-ram"]),
            (
                "the number of checkpoints",
                ["-ctxcp", "--ctx-checkpoints", "--swa-checkpoints"]
            ),
            ("the load mode", ["-lm", "--load-mode", "--no-mmap", "--mlock"]),
            ("the GPU layers", ["-ngl", "--gpu-layers", "--n-gpu-layers"]),
            ("the plan", ["-fit", "--fit", "-fitc", "--fit-ctx", "--sleep-idle-seconds"]),
            ("the model's role", ["--embedding", "--embeddings", "--rerank", "--reranking"]),
        ]
        return settings.reduce(into: [:]) { owned, setting in
            for name in setting.1 { owned[name] = setting.0 }
        }
    }()
}
