extension BatchGraph {
    /// A recurrent layer's part in place of attention, chosen by its weights.
    mutating func recurrent(_ index: Int, _ normed: Value) -> Value? {
        if case .deltaAttention = row.state { return deltaAttention(index, normed) }
        if weights[index, "shortconv.in_proj"] != nil { return shortConvolution(index, normed) }
        if let step = weights[index, "ssm_dt"], weights[index, "ssm_x"] != nil {
            return step.rows == model.compute.innerState
                ? mamba(index, normed) : headedMamba(index, normed)
        }
        if weights[index, "ssm_ba"] != nil || weights[index, "ssm_beta"] != nil {
            return deltaNet(index, normed)
        }
        if weights[index, "ssm_in"] != nil { return mamba2(index, normed) }
        return nil
    }

    /// Gathers the convolution's state of the layer after `index`: nothing before it is needed for
    /// it, so it comes before what the layer itself still has to do.
    mutating func prefetch(after index: Int) {
        let next = index + 1
        guard prefetched == nil, next < model.trunk, model.layers[next].isRecurrent,
            !row.recurrence.isBeside,
            ["ssm_in", "shortconv.in_proj"].contains(where: { weights[next, $0] != nil })
                || row.flow.contains(.gathersEarly),
            weights[next, "ssm_ba"] == nil
        else { return }
        prefetched = gather(model.convolutionState)
    }

    /// The last place of a layer that llama.cpp orders explicitly, unless it routes to experts.
    mutating func passes(_ index: Int) {
        if weights[index, "ffn_gate_inp"] == nil { prefetch(after: index) }
    }

    /// A layer that is recurrent beside its attention: its state is gathered between the two.
    mutating func recurrentBeside(_ index: Int, _ stream: Value) -> Value? {
        prefetched = gather(model.convolutionState)
        return recurrent(index, norm(index, "attn_norm", stream))
    }

    mutating func convolutionState() -> Value {
        defer { prefetched = nil }
        return prefetched ?? gather(model.convolutionState)
    }

    /// The rows of every sequence's state, gathered from the cache (`build_rs`).
    mutating func gather(_ elements: Int64) -> Value {
        sketch.view(sketch.make(floats(elements, shape.sequences), stateRows))
    }

    /// Writes back what a scan made of the states, and those of sequences that are not in the
    /// batch.
    private mutating func storeStates(_ scan: Value) {
        sketch.store(
            sketch.make(floats(model.recurrentState, shape.sequences - 1), stateRows)
        )
        sketch.store(sketch.view(scan))
    }

    /// The convolution's input: the state before the batch, then the batch (`build_conv_state`).
    mutating func joined(_ width: Int64, _ state: Value, _ batch: Value) -> Value {
        let kernel = model.compute.convolution
        let steps = tokens + max(0, kernel - 1) * shape.sequences
        let input = sketch.make(floats(width, steps), state, sketch.view(sketch.view(batch)))
        sketch.store(sketch.view(input))
        return input
    }

    /// `build_mamba_layer` in `mamba-base.cpp`.
    private mutating func mamba(_ index: Int, _ normed: Value) -> Value {
        let inner = model.compute.innerState
        let state = model.compute.stateSize
        let rank = model.compute.timeStepRank
        let convolution = convolutionState()
        guard let both = multiply(index, "ssm_in", normed, rows: tokens) else { return normed }
        let input = joined(inner, convolution, both)
        let mixed = sketch.reuse(sketch.make(floats(inner, tokens), input))
        let values = sketch.view(mixed)
        let parts = sketch.make(
            floats(weights[index, "ssm_x"]?.rows ?? rank + 2 * state, tokens),
            mixed
        )
        var step = sketch.make(floats(rank, tokens), sketch.view(parts))
        step = sketch.make(floats(inner, tokens), step)
        var keys = sketch.view(parts)
        var queries = sketch.view(parts)
        if weights[index, "ssm_b_norm"] != nil {
            keys = sketch.make(floats(state, tokens), keys)
            queries = sketch.make(floats(state, tokens), queries)
        }
        let scan = sketch.make(
            floats(inner, tokens) + floats(model.recurrentState, shape.sequences),
            values,
            step,
            keys,
            queries,
            stateRows
        )
        storeStates(scan)
        passes(index)
        let gate = sketch.make(floats(inner, tokens), sketch.view(both))
        let skipped = sketch.reuse(mixed)
        let result = sketch.reuse(skipped, sketch.view(scan))
        let gated = sketch.make(floats(inner, tokens), gate, result)
        return sketch.view(multiply(index, "ssm_out", gated, rows: tokens) ?? gated)
    }

    /// Mamba 1's projections with Mamba 2's heads (`build_plamo2_mamba_layer` in `plamo2.cpp`).
    private mutating func headedMamba(_ index: Int, _ normed: Value) -> Value {
        let inner = model.compute.innerState
        let state = model.compute.stateSize
        let convolution = convolutionState()
        guard let both = multiply(index, "ssm_in", normed, rows: tokens) else { return normed }
        let ordered = sketch.make(both.bytes, sketch.view(both))
        let batch = sketch.make(floats(inner, tokens), sketch.view(ordered))
        let input = joined(inner, convolution, batch)
        let mixed = sketch.reuse(sketch.make(floats(inner, tokens), input))
        let parts = sketch.make(floats(weights[index, "ssm_x"]?.rows ?? 0, tokens), mixed)
        let low = sketch.make(
            floats(weights[index, "ssm_dt"]?.columns ?? 0, tokens),
            sketch.view(parts)
        )
        let step = sketch.make(floats(model.compute.timeStepRank, tokens), low)
        let keys = sketch.make(floats(state, tokens), sketch.view(parts))
        let queries = sketch.make(floats(state, tokens), sketch.view(parts))
        let values = sketch.view(mixed)
        let scan = sketch.make(
            floats(inner, tokens) + floats(model.recurrentState, shape.sequences),
            values,
            step,
            sketch.view(keys),
            sketch.view(queries),
            stateRows
        )
        storeStates(scan)
        passes(index)
        let gate = sketch.make(floats(inner, tokens), sketch.view(ordered))
        let skipped = sketch.make(floats(inner, tokens), sketch.view(mixed))
        let result = sketch.reuse(skipped, sketch.view(scan))
        let gated = sketch.make(floats(inner, tokens), gate, result)
        let joined = multiply(index, "ssm_out", sketch.view(gated), rows: tokens) ?? gated
        return sketch.view(joined)
    }

    /// `build_mamba2_layer` in `mamba-base.cpp`.
    private mutating func mamba2(_ index: Int, _ normed: Value) -> Value {
        let inner = model.compute.innerState
        let width = inner + 2 * model.compute.stateGroups * model.compute.stateSize
        let convolution = convolutionState()
        guard let all = multiply(index, "ssm_in", normed, rows: tokens) else { return normed }
        let input = joined(width, convolution, all)
        let mixed = sketch.reuse(sketch.make(floats(width, tokens), input))
        let values = sketch.view(mixed)
        let step = sketch.reuse(
            sketch.make(floats(model.compute.timeStepRank, tokens), sketch.view(all))
        )
        let scan = sketch.make(
            floats(inner, tokens) + floats(model.recurrentState, shape.sequences),
            values,
            step,
            sketch.view(mixed),
            sketch.view(mixed),
            stateRows
        )
        storeStates(scan)
        passes(index)
        let gate = sketch.make(floats(inner, tokens), sketch.view(all))
        let skipped = sketch.make(floats(inner, tokens), values)
        let result = sketch.reuse(skipped, sketch.view(scan))
        var gated = sketch.make(floats(inner, tokens), gate, result)
        if weights[index, "ssm_norm"] != nil {
            gated = sketch.view(sketch.make(gated.bytes, sketch.view(gated)))
        }
        return multiply(index, "ssm_out", gated, rows: tokens) ?? gated
    }

    /// A gated delta net (`delta-net-base.cpp`, `qwen35.cpp`, `qwen3next.cpp`).
    private mutating func deltaNet(_ index: Int, _ normed: Value) -> Value {
        let inner = model.compute.innerState
        let heads = model.compute.timeStepRank
        let keyWidth = model.compute.stateGroups * model.compute.stateSize
        let width = inner + 2 * keyWidth
        let convolution = gather(model.convolutionState)
        // Older files hold the gate's weights in the same matrix.
        let fused =
            weights[index, "attn_qkv"] == nil
            ? multiply(index, "ssm_in", normed, rows: tokens) : nil
        let mixed: Value
        if let own = multiply(index, "attn_qkv", normed, rows: tokens) {
            mixed = own
        } else if let fused {
            mixed = sketch.make(floats(width, tokens), sketch.view(fused))
        } else {
            return normed
        }
        let input = joined(width, convolution, mixed)
        let state = gather(model.recurrentState)
        let all = sketch.reuse(sketch.make(floats(width, tokens), input))
        func head() -> Value {
            let part = sketch.reuse(sketch.make(floats(keyWidth, tokens), sketch.view(all)))
            guard row.flow.contains(.repeatsKeys), keyWidth < inner else { return part }
            return sketch.view(sketch.make(floats(inner, tokens), sketch.view(part)))
        }
        let query = head()
        let key = head()
        let value = sketch.view(all)
        let decay = sketch.view(
            sketch.make(
                floats(heads, tokens),
                sketch.view(sketch.make(floats(heads, tokens), normed))
            )
        )
        let rate = sketch.make(
            floats(heads, tokens),
            sketch.view(sketch.make(floats(heads, tokens), normed))
        )
        let net = sketch.make(
            floats(inner, tokens) + floats(model.recurrentState, shape.sequences),
            query,
            key,
            value,
            decay,
            rate,
            state
        )
        sketch.store(sketch.view(net))
        let output = sketch.make(floats(inner, tokens), sketch.view(net))
        let gate =
            multiply(index, "attn_gate", normed, rows: tokens)
            ?? fused.map { sketch.make(floats(inner, tokens), sketch.view($0)) } ?? output
        let open = sketch.make(floats(inner, tokens), sketch.view(gate))
        let gated = sketch.view(sketch.reuse(output, open))
        return sketch.view(multiply(index, "ssm_out", gated, rows: tokens) ?? gated)
    }

    /// `build_shortconv_block` in `lfm2.cpp`.
    private mutating func shortConvolution(_ index: Int, _ normed: Value) -> Value {
        let width = model.embedding
        let state = convolutionState()
        guard let all = multiply(index, "shortconv.in_proj", sketch.view(normed), rows: tokens)
        else { return normed }
        let product = sketch.make(floats(width, tokens), sketch.view(all), sketch.view(all))
        let input = sketch.make(
            floats(width, tokens) + floats(model.convolutionState, shape.sequences),
            state,
            sketch.view(product)
        )
        sketch.store(sketch.view(input))
        passes(index)
        let convolved = sketch.make(floats(width, tokens), input)
        let gated = sketch.reuse(convolved, sketch.view(all))
        return sketch.view(multiply(index, "shortconv.out_proj", gated, rows: tokens) ?? gated)
    }
}
