/// What llama.cpp says one context takes, in its own words: `n_ctx`, `n_ctx_seq`, `fa`, `buffers`
/// and `output` of its JSON are what a plan's report has too.
package struct DryRunCell: Codable, Hashable, Sendable {
    /// What one buffer type holds, in bytes.
    package struct Buffer: Codable, Hashable, Sendable {
        /// The weights.
        package var model: Int64
        /// Caches and recurrent states.
        package var context: Int64
        /// What a batch is computed in.
        package var compute: Int64

        /// Creates a buffer's figures.
        ///
        /// - Parameters:
        ///   - model: The bytes of weights.
        ///   - context: The bytes of caches and states.
        ///   - compute: The bytes a batch is computed in.
        package init(model: Int64, context: Int64, compute: Int64) {
            self.model = model
            self.context = context
            self.compute = compute
        }
    }

    /// The tokens of all sequences together.
    package var contextTokens: Int

    /// The tokens one sequence may have.
    package var sequenceTokens: Int

    /// 1 where attention is fused, else 0.
    package var flashAttention: Int

    /// What each buffer type holds, by its name.
    package var buffers: [String: Buffer]

    /// The buffer types that are the host's memory.
    package var hostBuffers: [String]?

    /// The bytes of the buffer for logits and embeddings.
    package var output: Int64

    /// The milliseconds it took to find out.
    package var milliseconds: Double?

    enum CodingKeys: String, CodingKey {
        case contextTokens = "n_ctx"
        case sequenceTokens = "n_ctx_seq"
        case flashAttention = "fa"
        case buffers, output
        case hostBuffers = "host"
        case milliseconds = "ms"
    }

    /// Creates a cell.
    ///
    /// - Parameters:
    ///   - contextTokens: The tokens of all sequences together.
    ///   - sequenceTokens: The tokens one sequence may have.
    ///   - flashAttention: 1 where attention is fused, else 0.
    ///   - buffers: What each buffer type holds.
    ///   - hostBuffers: The buffer types that are the host's memory; `nil` where that is not known.
    ///   - output: The bytes of the buffer for logits and embeddings.
    package init(
        contextTokens: Int,
        sequenceTokens: Int,
        flashAttention: Int,
        buffers: [String: Buffer],
        hostBuffers: [String]? = nil,
        output: Int64
    ) {
        self.contextTokens = contextTokens
        self.sequenceTokens = sequenceTokens
        self.flashAttention = flashAttention
        self.buffers = buffers
        self.hostBuffers = hostBuffers
        self.output = output
    }

    /// The bytes of all buffers together.
    package var total: Int64 {
        buffers.values.reduce(output) { $0 + $1.model + $1.context + $1.compute }
    }
}
