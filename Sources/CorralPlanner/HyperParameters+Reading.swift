internal import CorralGGUF

extension HyperParameters {
    // Bounds far above any model of today. LLAMA_MAX_LAYERS and LLAMA_MAX_EXPERTS are llama.cpp's
    // own (`llama-hparams.h`).
    static let layerBound: ClosedRange<Int64> = 1...512
    static let widthBound: ClosedRange<Int64> = 0...(1 << 24)
    static let headBound: ClosedRange<Int64> = 0...(1 << 16)
    static let countBound: ClosedRange<Int64> = 0...Int64(Int32.max)

    /// Reads a model's metadata.
    ///
    /// - Parameters:
    ///   - reader: The keys.
    ///   - row: What is known of the architecture; `nil` for one that is not in the table.
    ///   - tensors: The names of the file's tensors and their dimensions.
    /// - Throws: Where a key that every model has is missing, or a value makes no sense.
    init(
        _ reader: MetadataReader,
        _ row: Architecture,
        tensors: [GGUFTensor]
    ) throws(PlanError) {
        let traits = row.traits
        var all = Int(try reader.required("block_count", in: Self.layerBound))
        var draft = Int(
            try reader.number("nextn_predict_layers", in: 0...Int64(all))
        )
        if traits.contains(.optionalDraft) {
            let probe = "blk.\(all - draft).nextn.eh_proj.weight"
            if !tensors.contains(where: { $0.name == probe }) { draft = 0 }
        }
        embedding = try reader.required("embedding_length", in: 1...Self.widthBound.upperBound)
        trainingContext = try reader.required("context_length", in: Self.countBound)
        vocabulary = try Self.vocabulary(reader, tensors)

        var layers = try Self.attention(reader, layers: all, embedding: embedding)
        if traits.contains(.looped) {
            let loops = Int(max(1, try reader.number("num_loops", in: 0...512)))
            guard loops * all <= Self.layerBound.upperBound else {
                throw PlanError(
                    .invalidKey,
                    subject: reader.key("num_loops"),
                    "\(reader.key("num_loops")) is \(loops), which makes more layers than llama.cpp's 512; the file is damaged, fetch it again."
                )
            }
            layers = Array((0..<loops).map { _ in layers }.joined())
            all *= loops
        }
        if traits.contains(.router) {
            var router = layers[0]
            (router.heads, router.keyValueHeads, router.feedForward) = (1, 1, 0)
            layers.append(router)
            (all, draft) = (all + 1, 1)
        }
        trunk = all - draft
        let latentKey = try reader.number("attention.key_length_mla", in: Self.headBound)
        let latentValue = try reader.number("attention.value_length_mla", in: Self.headBound)
        isLatent = traits.contains(.latent) && latentKey > 0 && latentValue > 0
        let causal = try reader.flag("attention.causal") ?? true
        isCausal = causal && !traits.contains(.bidirectional)
        architecture = row.name

        window = try row.window.mark(&layers, trunk: trunk, reader)
        try row.recurrence.mark(&layers, trunk: trunk, reader)
        if case .attention = row.window {
            for index in layers.indices {
                layers[index].isWindowed = window > 0 && index < trunk && !layers[index].isRecurrent
            }
        }
        try Self.markShared(&layers, traits, reader)
        compute = try Compute(reader)
        (convolutionState, recurrentState) = try row.state.sizes(
            reader,
            embedding: embedding,
            layer: layers[0]
        )

        indexerKey = try reader.number("attention.indexer.key_length", in: Self.headBound)
        (indexerWidth, indexerKeepsValues) = try row.indexer.mark(
            &layers,
            trunk: trunk,
            key: indexerKey,
            context: trainingContext,
            isLatent,
            reader
        )
        indexerPool = try reader.number("attention.indexer.kpool", in: 0...1024)
        if case .pooledPairs = row.indexer {
            let ratios = try reader.perLayer(
                "attention.compress_ratios",
                layers: all,
                in: 0...1024
            )
            indexerPool = ratios?.max() ?? 0
        }
        compression = []
        if case .compressed = row.memory {
            compression = try reader.array("attention.compress_ratios", in: 0...128) ?? []
            guard compression.count >= all else {
                throw reader.missing(reader.key("attention.compress_ratios"))
            }
        }
        (gramLayers, gramState) = try Self.grams(reader, row, embedding: embedding, layers: all)

        outputEmbedding = try Self.outputEmbedding(reader, row, embedding: embedding)
        self.layers = layers
    }

    private static func vocabulary(
        _ reader: MetadataReader,
        _ tensors: [GGUFTensor]
    ) throws(PlanError) -> Int64 {
        let key = "tokenizer.ggml.tokens"
        guard let count = reader.metadata.arrayCount(key) else {
            if let size = try reader.optional("vocab_size", in: countBound) { return size }
            let matrix = tensors.first { $0.name == "token_embd.weight" }
            return matrix.map { Int64(clamping: $0.dimensions.dropFirst().first ?? 0) } ?? 0
        }
        guard count <= UInt64(countBound.upperBound) else {
            throw PlanError(
                .invalidKey,
                subject: key,
                "\(key) has \(count) elements, more than a vocabulary can have; the file is damaged, fetch it again."
            )
        }
        return Int64(count)
    }

    /// The layers' heads and widths, before any rule of the architecture.
    private static func attention(
        _ reader: MetadataReader,
        layers: Int,
        embedding: Int64
    ) throws(PlanError) -> [Layer] {
        func column(
            _ name: String,
            _ bound: ClosedRange<Int64>
        ) throws(PlanError) -> [Int64]? {
            try reader.perLayer(name, layers: layers, in: bound)
        }
        let none = Array(repeating: Int64(0), count: layers)
        let heads = try column("attention.head_count", headBound) ?? none
        let keyValueHeads = try column("attention.head_count_kv", headBound) ?? heads
        let feedForward = try column("feed_forward_length", widthBound) ?? none
        let experts = try column("expert_feed_forward_length", widthBound) ?? none
        let used = try column("expert_used_count", 0...1024) ?? none
        var keyHead: Int64 = 0
        var valueHead: Int64 = 0
        if heads[0] > 0 {
            let equal = embedding / heads[0]
            keyHead = try reader.optional("attention.key_length", in: headBound) ?? equal
            valueHead = try reader.optional("attention.value_length", in: headBound) ?? equal
        }
        return (0..<layers).map { index in
            Layer(
                heads: heads[index],
                keyValueHeads: keyValueHeads[index],
                feedForward: feedForward[index],
                expertFeedForward: experts[index],
                expertsUsed: used[index],
                keyHead: keyHead,
                valueHead: valueHead
            )
        }
    }

    /// Marks the layers that read another's cache.
    private static func markShared(
        _ layers: inout [Layer],
        _ traits: Architecture.Traits,
        _ reader: MetadataReader
    ) throws(PlanError) {
        var cached = layers.count
        // `n_layer_kv_from_start` in `models/gemma3n.cpp` and `models/gemma4.cpp`.
        if traits.contains(.sharesBehind20) { cached = min(20, layers.count) }
        if traits.contains(.sharesLast) {
            cached -= Int(
                try reader.number("attention.shared_kv_layers", in: 0...Int64(layers.count))
            )
        }
        for index in cached..<layers.count { layers[index].isCached = false }
    }

    /// The history of n-grams that a layer of qwen4exp carries (`llama_hparams::ple_conv_state`).
    private static func grams(
        _ reader: MetadataReader,
        _ row: Architecture,
        embedding: Int64,
        layers: Int
    ) throws(PlanError) -> ([Int], Int64) {
        guard case .pooledPairs = row.indexer,
            let marked = try reader.array("ple.layers", in: 0...Int64(layers - 1)), !marked.isEmpty
        else { return ([], 0) }
        let kernel = try reader.number("ple.conv_kernel", in: 0...1024)
        let grams = try reader.number("ple.ngram_size", in: 0...1024)
        let streams = try reader.number("hyper_connection.count", in: 0...1024)
        return (marked.map { Int($0) }, max(0, kernel - 1) * grams * streams * embedding)
    }

    private static func outputEmbedding(
        _ reader: MetadataReader,
        _ row: Architecture,
        embedding: Int64
    ) throws(PlanError) -> Int64 {
        if row.traits.contains(.wideOutput) {
            return embedding * (try reader.number("hyper_connection.count", in: 0...1024))
        }
        let given = try reader.number("embedding_length_out", in: widthBound)
        return given > 0 ? given : embedding
    }
}
