internal import CorralPlanner

/// What the helper is asked, as the words it takes.
enum DryRunRequest {
    /// The arguments that bound the helper and say how the model is loaded.
    static func arguments(
        file: String,
        gpuLayers: Int,
        repacks: Bool,
        memory: Int64,
        seconds: Int64
    ) -> [String] {
        [
            file, "gpu_layers=\(gpuLayers)", "repack=\(repacks ? 1 : 0)", "memory=\(memory)",
            "seconds=\(seconds)",
        ]
    }

    /// The line that asks for one context.
    static func line(_ options: ContextOptions, offloadsCache: Bool) -> String {
        let words: [(String, String)] = [
            ("c", "\(options.contextTokens ?? 0)"), ("b", "\(options.batch)"),
            ("ub", "\(options.microBatch)"), ("np", "\(options.sequences)"),
            ("kvu", options.unifiedCache ? "1" : "0"), ("fa", options.flashAttention.rawValue),
            ("ctk", options.keyCacheType.rawValue), ("ctv", options.valueCacheType.rawValue),
            ("no", "\(options.outputs ?? 0)"), ("emb", options.embeddings ? "1" : "0"),
            ("swa_full", options.fullWindowCache ? "1" : "0"), ("kqv", offloadsCache ? "1" : "0"),
        ]
        return words.map { "\($0)=\($1)" }.joined(separator: " ") + "\n"
    }
}
