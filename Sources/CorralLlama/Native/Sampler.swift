import CLlama

/// Chooses each next token of one answer.
@safe final class Sampler {
    // Made by init, freed by deinit, never handed out.
    private let chain: UnsafeMutablePointer<llama_sampler>
    // The chain's grammar refers to its vocabulary.
    private let weights: Weights
    /// Whether the likeliest token is taken as it is, for which no list of candidates is made.
    private let isPlain: Bool

    /// Makes a sampler as llama-server would: grammar, penalties, top-k, top-p, min-p, temperature.
    ///
    /// - Throws: ``LlamaError/Code/badGrammar``.
    init(_ sampling: Sampling, prompt: [Token], _ weights: Weights) throws(LlamaError) {
        guard
            let chain = unsafe llama_sampler_chain_init(llama_sampler_chain_default_params())
        else { throw LlamaError(.outOfMemory, "llama.cpp could not make a sampler.") }
        unsafe self.chain = chain
        self.weights = weights
        isPlain = sampling.temperature <= 0 && sampling.grammar == nil && !sampling.hasPenalties
        // The chain owns what is added to it.
        if let text = sampling.grammar {
            guard let grammar = unsafe weights.grammar(text) else {
                // All properties are set by now, so that deinit frees the chain.
                throw LlamaError(
                    .badGrammar,
                    "The grammar cannot be parsed; it must be GBNF with a rule named root.",
                    logLines: LogSink.current?.takeErrors() ?? []
                )
            }
            unsafe llama_sampler_chain_add(chain, grammar)
        }
        if let penalties = unsafe Self.penalties(sampling, weights) {
            // A prompt's tokens count for penalties, but a grammar begins with the answer.
            for token in prompt.suffix(sampling.penaltyWindow) {
                unsafe llama_sampler_accept(penalties, token)
            }
            unsafe llama_sampler_chain_add(chain, penalties)
        }
        guard sampling.temperature > 0 else {
            unsafe llama_sampler_chain_add(chain, llama_sampler_init_greedy())
            return
        }
        let seed = sampling.seed ?? UInt32.random(in: 0..<UInt32.max)
        let topK = Int32(clamping: sampling.topK)
        unsafe llama_sampler_chain_add(chain, llama_sampler_init_top_k(topK))
        unsafe llama_sampler_chain_add(chain, llama_sampler_init_top_p(sampling.topP, 1))
        unsafe llama_sampler_chain_add(chain, llama_sampler_init_min_p(sampling.minP, 1))
        unsafe llama_sampler_chain_add(chain, llama_sampler_init_temp(sampling.temperature))
        unsafe llama_sampler_chain_add(chain, llama_sampler_init_dist(seed))
    }

    deinit { unsafe llama_sampler_free(chain) }

    /// Chooses the token behind an entry of the context's last batch.
    func next(_ context: Context, _ index: Int) -> Token {
        if isPlain, let token = context.likeliest(index) { return token }
        return unsafe context.sample(chain, index)
    }

    private static func penalties(
        _ sampling: Sampling,
        _ weights: Weights
    ) -> UnsafeMutablePointer<llama_sampler>? {
        guard sampling.hasPenalties else { return nil }
        return unsafe llama_sampler_init_penalties(
            Int32(clamping: weights.vocabularySize),
            Int32(clamping: sampling.penaltyWindow),
            sampling.repeatPenalty,
            sampling.frequencyPenalty,
            sampling.presencePenalty
        )
    }
}

/// Finds the likeliest of a vocabulary's tokens.
enum Likeliest {
    /// The position of the largest logit, the first of several.
    ///
    /// - Complexity: Two passes over the logits, eight at a time.
    static func index(in logits: Span<Float>) -> Int? {
        guard !logits.isEmpty else { return nil }
        var largest = -Float.infinity
        var lanes = SIMD8<Float>(repeating: largest)
        let whole = logits.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            var eight = SIMD8<Float>()
            for lane in 0..<8 { eight[lane] = logits[start + lane] }
            // A comparison with what is no number is false, so that never wins.
            lanes.replace(with: eight, where: eight .> lanes)
        }
        for lane in 0..<8 { largest = max(largest, lanes[lane]) }
        for index in whole..<logits.count where logits[index] > largest { largest = logits[index] }
        return logits.indices.first { logits[$0] == largest } ?? 0
    }
}
