internal import CorralMemory

/// What a correction is for: a model's files, a build of the engine, and the options that matter.
public struct CorrectionKey: Codable, Hashable, Sendable {
    /// The model's files: another version of one is another model.
    public var files: String

    /// The engine's build, such as `llama.cpp b11434`.
    public var engine: String

    /// How the model is loaded, as far as memory depends on it, settled and in words.
    public var options: String

    /// Names what a correction is for.
    ///
    /// - Parameters:
    ///   - files: The model's files (``ModelDescription/fileIdentity``).
    ///   - engine: The engine's build.
    ///   - options: How the model is loaded.
    public init(files: String, engine: String, options: String) {
        self.files = files
        self.engine = engine
        self.options = options
    }
}

extension LoadOptions {
    /// The options that decide what a process holds, in the words of llama.cpp's own options, as a
    /// plan settled them.
    ///
    /// - Parameter plan: The plan of these options.
    /// - Returns: Words, separated by blanks.
    public func correctionText(_ plan: MemoryPlan) -> String {
        func number(_ flag: Bool) -> Int { flag ? 1 : 0 }
        let devices = accelerators.map { "\($0.bufferName):\($0.share)" }.joined(separator: ",")
        var words: [(String, String)] = [
            ("c", "\(plan.contextTokens)"), ("b", "\(context.batch)"),
            ("ub", "\(context.microBatch)"), ("np", "\(plan.sequences)"),
            ("kvu", "\(number(context.unifiedCache))"), ("fa", "\(number(plan.flashAttention))"),
            ("ctk", context.keyCacheType.rawValue), ("ctv", context.valueCacheType.rawValue),
            ("no", "\(context.outputs ?? 0)"), ("emb", "\(number(context.embeddings))"),
            ("swa", "\(number(context.fullWindowCache))"), ("repack", "\(number(repacks))"),
            ("load", loadMode.rawValue), ("t", "\(threads)"),
            ("cram", "\(promptCacheLimit.rawValue >> 20)"), ("ckpt", "\(contextCheckpoints)"),
        ]
        if gpuLayers > 0, !accelerators.isEmpty {
            words.append(("ngl", "\(gpuLayers)"))
            words.append(("dev", devices))
            words.append(("kqv", "\(number(offloadsCache))"))
        }
        if let projector { words.append(("mm", "\(projector.weights.rawValue)")) }
        let parts = words.map { "\($0)=\($1)" }
        return ([process.rawValue, role.rawValue] + parts).joined(separator: " ")
    }
}
