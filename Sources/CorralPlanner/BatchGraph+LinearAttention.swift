extension BatchGraph {
    /// Kimi's delta attention (`models/kimi-linear.cpp`): a convolution each for queries, keys and
    /// values, and a gated delta net over them.
    mutating func deltaAttention(_ index: Int, _ normed: Value) -> Value {
        let width = model.layers[index].heads * model.compute.deltaHead
        let convolution = convolutionState()
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

    /// A layer of MiniMax-01: what each part reads is added to what it returns
    /// (`models/minimax-01.cpp`).
    mutating func addLightningLayer(_ index: Int, _ stream: Value) -> Value {
        let normed = norm(index, "attn_norm", stream)
        var joined =
            model.layers[index].isRecurrent
            ? lightning(index, normed) : output(index, normed, attention(index, normed))
        var residual = normed
        let isLast = index == model.trunk - 1
        if isLast {
            joined = select(joined, model.embedding)
            residual = select(residual, model.embedding)
        }
        let input = norm(index, "ffn_norm", sketch.reuse(joined, sketch.reuse(residual)))
        let result = feedForward(index, input, rows: isLast ? outputs : tokens)
        return sketch.reuse(result, sketch.reuse(input))
    }

    /// Lightning attention: a batch attends to itself with a decay for each pair of tokens, and to
    /// the state that the batches before left.
    private mutating func lightning(_ index: Int, _ normed: Value) -> Value {
        let layer = model.layers[index]
        let inner = floats(layer.heads, layer.keyHead, tokens)
        let decays = decays
        let state = gather(model.recurrentState)
        guard let product = multiply(index, "attn_qkv", sketch.view(normed), rows: tokens) else {
            return normed
        }
        let all = sketch.view(sketch.reuse(product))
        let queries = sketch.make(inner, all, exponential(decays?.queries))
        let before = sketch.make(inner, state, sketch.view(queries))
        let values = sketch.make(inner, sketch.view(all))
        let scores = sketch.make(pairBytes(layer.heads), sketch.view(all), sketch.view(all))
        let within = sketch.make(inner, values, sketch.reuse(scores, exponential(decays?.pairs)))
        let sum = sketch.reuse(before, within)
        sketch.expand(sum)
        let fading = exponential(decays?.slopes.map { sketch.reuse($0) })
        let old = sketch.make(floats(model.recurrentState, shape.sequences), state, fading)
        let keys = sketch.make(inner, sketch.view(all), exponential(decays?.keys))
        let turned = sketch.make(inner, sketch.view(keys))
        let new = sketch.make(floats(model.recurrentState, shape.sequences), turned, values)
        sketch.store(sketch.reuse(old, new))
        let gate = multiply(index, "attn_gate", sketch.view(normed), rows: tokens) ?? sum
        let open = sketch.reuse(gate)
        let ordered = sketch.make(inner, sketch.view(sum))
        let gated = sketch.reuse(open, norm(sketch.view(ordered)))
        return sketch.view(multiply(index, "attn_output", gated, rows: tokens) ?? gated)
    }

    /// A scaled power of a decay.
    private mutating func exponential(_ decay: Value?) -> Value? {
        decay.map { sketch.reuse(sketch.reuse($0)) }
    }

    /// What lightning attention's tokens lose to those before and behind them.
    struct Decays {
        var queries: Value?
        var pairs: Value?
        var slopes: Value?
        var keys: Value?
    }

    /// A number for each two tokens of a conversation.
    private func pairBytes(_ heads: Int64) -> Int64 {
        floats(heads, tokens, tokens / shape.sequences)
    }

    /// The inputs of architectures with rules of their own.
    mutating func addSpecialInputs() {
        if case .lightning = row.state, let layer = model.layers.first {
            decays = Decays(
                queries: sketch.input(floats(layer.heads, tokens)),
                pairs: sketch.input(pairBytes(layer.heads)),
                slopes: sketch.input(floats(layer.heads)),
                keys: sketch.input(floats(layer.heads, tokens))
            )
        }
        if case .compressed = row.memory { addCompressedInputs() }
        switch row.indexer {
        case .pooledPairs, .pooledTriples: addPooledInputs()
        case .behindDense: addBlockInputs()
        default: break
        }
    }
}
