extension BatchGraph {
    /// Kimi's delta attention (`models/kimi-linear.cpp`): a convolution each for queries, keys and
    /// values, and a gated delta net over them.
    mutating func deltaAttention(_ index: Int, _ normed: Value) -> Value {
        let width = model.layers[index].heads * model.compute.deltaHead
        let convolution = gather(model.convolutionState)
        let inputs = ["attn_q", "attn_k", "attn_v"].map { name in
            let part = multiply(index, name, normed, rows: tokens) ?? normed
            return joined(width, convolution, part)
        }
        let state = gather(model.recurrentState)
        let mixed = inputs.map { input in
            sketch.make(
                floats(width, tokens),
                sketch.view(sketch.make(floats(width, tokens), input))
            )
        }
        let query = sketch.make(floats(width, tokens), sketch.view(mixed[0]))
        let key = sketch.make(floats(width, tokens), sketch.view(mixed[1]))
        let low = multiply(index, "ssm_f_a", normed, rows: tokens) ?? normed
        let decay = sketch.make(
            floats(width, tokens),
            sketch.view(sketch.make(floats(width, tokens), low))
        )
        let rate = sketch.make(floats(model.layers[index].heads, tokens), normed)
        let net = sketch.make(
            floats(width, tokens) + floats(model.recurrentState, shape.sequences),
            query,
            key,
            sketch.view(mixed[2]),
            sketch.view(decay),
            rate,
            state
        )
        sketch.store(sketch.view(net))
        passes(index)
        let output = sketch.make(floats(width, tokens), sketch.view(net))
        let scaled = sketch.make(floats(width, tokens), sketch.view(output))
        let lowGate = multiply(index, "ssm_g_a", normed, rows: tokens) ?? normed
        let gate = sketch.make(floats(width, tokens), lowGate)
        let open = sketch.make(floats(width, tokens), sketch.view(gate))
        let gated = sketch.reuse(scaled, open)
        let ordered = sketch.make(floats(width, tokens), gated)
        return multiply(index, "attn_output", ordered, rows: tokens) ?? ordered
    }

    /// MiniMax's lightning attention (`models/minimax-01.cpp`): a batch attends to itself with a
    /// decay for each pair of tokens.
    mutating func lightning(_ index: Int, _ normed: Value) -> Value {
        let layer = model.layers[index]
        let inner = floats(layer.heads, layer.keyHead, tokens)
        let pairs = pairBytes(layer.heads)
        let state = gather(model.recurrentState)
        guard let product = multiply(index, "attn_qkv", sketch.view(normed), rows: tokens) else {
            return normed
        }
        let all = sketch.reuse(product)
        let scaled = sketch.make(inner, sketch.view(all))
        let before = sketch.make(inner, state, sketch.view(scaled))
        let values = sketch.make(inner, sketch.view(all))
        let scores = sketch.make(pairs, sketch.view(all), sketch.view(all))
        let decay = pairDecay.map { sketch.reuse(sketch.reuse($0)) }
        let decayed = sketch.reuse(scores, decay)
        let within = sketch.make(inner, values, decayed)
        let sum = sketch.reuse(before, within)
        let old = sketch.make(floats(model.recurrentState, shape.sequences), state)
        let fading = sketch.make(inner, sketch.view(all))
        let turned = sketch.make(inner, sketch.view(fading))
        let new = sketch.make(floats(model.recurrentState, shape.sequences), turned, values)
        sketch.store(sketch.reuse(old, new))
        let gate = multiply(index, "attn_gate", sketch.view(normed), rows: tokens) ?? sum
        let open = sketch.reuse(gate)
        let ordered = sketch.make(inner, sketch.view(sum))
        let scaledResult = sketch.make(inner, sketch.view(ordered))
        let gated = sketch.reuse(open, scaledResult)
        return multiply(index, "attn_output", gated, rows: tokens) ?? gated
    }

    /// A number for each two tokens of a conversation.
    private func pairBytes(_ heads: Int64) -> Int64 {
        floats(heads, tokens, tokens / shape.sequences)
    }

    /// The inputs of architectures with rules of their own.
    mutating func addSpecialInputs() {
        if case .lightning = row.state, let layer = model.layers.first {
            _ = sketch.input(floats(layer.heads, tokens))
            pairDecay = sketch.input(pairBytes(layer.heads))
            _ = sketch.input(floats(layer.heads, tokens))
        }
        if case .compressed = row.memory { addCompressedInputs() }
        switch row.indexer {
        case .pooledPairs, .pooledTriples: addPooledInputs()
        case .behindDense:
            _ = sketch.input(floats(ContextShape.step / 4, tokens))
            _ = sketch.input(floats(shape.contextTokens))
            blockBias = sketch.input(floats(ContextShape.step, tokens))
        default: break
        }
    }
}
