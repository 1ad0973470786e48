internal import CorralMemory

/// What a process holds besides llama.cpp's buffers.
///
/// llama.cpp reports none of it; the constants are measured on b11434 over vocabularies of 30,000 to
/// 262,000 tokens, one request at a time, and lie within half a percent of what a process held after
/// a full batch. A measurement of the live process replaces them.
struct HostOverhead {
    var heap: ByteCount
    var workBuffer: ByteCount
    var process: ByteCount

    /// The strings, hash tables and scores of one token.
    static let bytesPerToken: Int64 = 170
    /// The hash table's entry and strings of one merge of a byte-pair vocabulary.
    static let bytesPerMerge: Int64 = 205
    /// The position, sequences and shift of one cell, for each cache.
    static let bytesPerCell: Int64 = 44
    /// Graphs, the scheduler's tables, the program's own bookkeeping.
    static let graphBytes = ByteCount(5 << 19)
    /// A candidate for sampling, one for each token of the vocabulary (`llama_token_data`).
    static let bytesPerCandidate: Int64 = 12
    /// What a server of vectors and scores holds of texts and answers after a few requests.
    static let textBytes = ByteCount(7 << 19)

    init(
        _ description: ModelDescription,
        _ shape: ContextShape,
        _ options: LoadOptions,
        isOnHost: Bool
    ) {
        let model = description.parameters
        var cells: Int64 = 0
        if case .none = description.row.memory {
        } else {
            cells += shape.sequenceTokens * shape.streams
            if model.window > 0 {
                cells +=
                    shape.windowCells(model.window, isShared: shape.streams == 1) * shape.streams
            }
            if model.indexerWidth > 0 { cells += shape.sequenceTokens * shape.streams }
        }
        heap =
            ByteCount(Self.bytesPerToken) * model.vocabulary
            + ByteCount(Self.bytesPerMerge) * description.merges
            + ByteCount(Self.bytesPerCell) * cells + Self.graphBytes
        process =
            options.role == .chat
            ? ByteCount(Self.bytesPerCandidate) * model.vocabulary
            : options.process == .llamaServer ? Self.textBytes : .zero
        workBuffer =
            isOnHost ? Self.work(model, shape, threads: Int64(max(1, options.threads))) : .zero
    }

    /// The largest conversion of a batch for a product, and flash attention's scratch (`ggml_graph_plan`
    /// in `ggml-cpu.c`).
    private static func work(
        _ model: HyperParameters,
        _ shape: ContextShape,
        threads: Int64
    ) -> ByteCount {
        let tokens = shape.graphTokens
        var widest = model.embedding
        var attention: Int64 = 0
        for layer in model.layers {
            widest = max(
                widest,
                layer.feedForward,
                layer.heads * max(layer.keyHead, layer.valueHead)
            )
            widest = max(widest, layer.expertFeedForward * layer.expertsUsed)
            attention = max(
                attention,
                4 * (64 * layer.keyHead + 8192 + 128 * layer.valueHead + 64 * layer.keyHead)
            )
        }
        widest = max(widest, model.compute.innerState, model.compute.sharedFeedForward)
        // Activations become at most floats of 16 bits, and a routed batch a table of its rows.
        let rows = ByteCount(widest) * tokens * 2
        let routing = ByteCount(8) * model.compute.experts * (tokens + 1)
        return rows + routing + ByteCount(attention) * threads
    }
}
