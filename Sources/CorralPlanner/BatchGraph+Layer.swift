extension BatchGraph {
    /// One layer, from the stream of its input to that of its output.
    mutating func addLayer(_ index: Int, _ stream: Value) -> Value {
        if row.flow.contains(.lanes) { return addLanes(index, stream) }
        if row.flow.contains(.mixesCheckpoints) { return addCheckpointLayer(index, stream) }
        if case .lightning = row.state { return addLightningLayer(index, stream) }
        let isLast =
            index == model.trunk - 1 && row.flow.isDisjoint(with: [.selectsLast, .selectsStream])
        let hasOwnNorm = weights[index, "attn_norm_2"] != nil
        let normed = norm(index, hasOwnNorm ? "attn_norm_2" : "attn_norm", stream)
        if isPlain(index) {
            return sketch.reuse(feedForward(index, normed, rows: tokens), stream)
        }
        let isRecurrent = model.layers[index].isRecurrent
        if isRecurrent, !row.recurrence.isBeside, let state = recurrent(index, normed) {
            return tail(index, stream, state, isLast: isLast)
        }
        if weights[index, "ffn_norm_exps"] != nil {
            return besideExperts(index, stream, normed, isLast: isLast)
        }
        let heads = attention(index, normed)
        let state = isRecurrent ? recurrentBeside(index, stream) : nil
        passes(index)
        if row.flow.contains(.routesInput), weights[index, "ffn_gate_inp"] != nil {
            earlyRouting = route(index, stream, rows: isLast ? outputs : tokens)
        }
        if row.flow.contains(.codecLogits), model.vocabulary > codecLogits,
            index == model.trunk - 1
        {
            padding = sketch.make(floats(model.vocabulary - codecLogits, outputs))
        }

        let isParallel = row.flow.contains(.parallelIfTold) && model.compute.isParallel
        if row.flow.contains(.parallel) || isParallel {
            return parallel(index, stream, normed, heads, isLast: isLast)
        }
        if isLast, row.flow.contains(.residualFirst) {
            // The first operand of the sum is computed first.
            let residual = select(stream, model.embedding)
            let joined = select(output(index, normed, heads), model.embedding)
            return tail(index, residual, joined, rows: outputs)
        }
        var joined = output(index, normed, heads)
        if let state { joined = sketch.reuse(joined, state) }
        return tail(index, stream, joined, isLast: isLast)
    }

    /// What a layer adds of its own embeddings (`models/gemma4.cpp`).
    private mutating func addPerLayer(_ index: Int, _ stream: Value, rows: Rows) -> Value {
        guard let narrow = multiply(index, "inp_gate", stream, rows: rows) else { return stream }
        let width = narrow.bytes
        let gate = sketch.reuse(narrow)
        if let inputs = layerInputs, let rows = layerRows {
            // Computed when the first layer asks for it, for all of them.
            layerInputs = nil
            let projected = sketch.view(sketch.make(rows.bytes, inputs))
            let joined = sketch.reuse(sketch.make(rows.bytes, projected), rows)
            layerRows = sketch.make(rows.bytes, sketch.view(joined))
        }
        let gated = sketch.reuse(gate, layerRows.map { sketch.view($0, bytes: width) })
        let wide = norm(sketch.make(stream.bytes, gated))
        return sketch.reuse(stream, wide)
    }

    /// True for a layer of nothing but a feed-forward part.
    private func isPlain(_ index: Int) -> Bool {
        guard case .bare = row.recurrence, !model.layers[index].isRecurrent else { return false }
        return weights[index, "attn_q"] == nil && weights[index, "attn_qkv"] == nil
    }

    /// What follows a layer's first part: the residual, and the feed-forward part if it has one.
    private mutating func tail(
        _ index: Int,
        _ stream: Value,
        _ joined: Value,
        isLast: Bool
    ) -> Value {
        let width = model.embedding
        guard isLast else { return tail(index, stream, joined, rows: tokens) }
        let selected = select(joined, width)
        return tail(index, select(stream, width), selected, rows: outputs)
    }

    private mutating func tail(
        _ index: Int,
        _ stream: Value,
        _ joined: Value,
        rows: Rows
    ) -> Value {
        var residual = stream
        var joined = joined
        // Some files call the norm before the feed-forward part by what it comes after.
        let isBefore =
            weights[index, "ffn_norm"] == nil && weights[index, "post_ffw_norm"] == nil
            && !row.flow.contains(.plainNorms)
        if !isBefore { joined = norm(index, "post_attention_norm", joined) }
        residual = sum(joined, residual, .residualFirst)
        // Without a norm behind the layer this one is the feed-forward part's alone (dbrx).
        let isInput =
            weights[index, "layer_output_norm"] == nil && weights[index, "ffn_norm"] == nil
        let normed = norm(index, "attn_output_norm", residual)
        if !isInput { residual = normed }
        guard hasFeedForward(index) else { return residual }
        let input = norm(index, isBefore ? "post_attention_norm" : "ffn_norm", normed)
        var result = feedForward(index, input, rows: rows)
        prefetch(after: index)
        result = norm(index, "post_ffw_norm", result)
        result = sum(result, residual, .residualFirstAgain)
        result = addPerLayer(index, result, rows: rows)
        return norm(index, "layer_output_norm", result)
    }

    mutating func sum(
        _ part: Value,
        _ stream: Value,
        _ first: Architecture.Flow
    ) -> Value {
        row.flow.contains(first)
            ? sketch.reuse(stream, part) : sketch.reuse(part, stream)
    }

    private func hasFeedForward(_ index: Int) -> Bool {
        ["ffn_up", "ffn_up_exps", "ffn_gate_up_exps"].contains { weights[index, $0] != nil }
    }

    /// The product that joins the heads, behind a gate where the layer has one.
    mutating func output(_ index: Int, _ normed: Value, _ heads: Value) -> Value {
        var heads = spread(heads, rotations(index).values)
        if let beside = gate {
            gate = nil
            let open = sketch.reuse(sketch.make(heads.bytes, sketch.view(beside)))
            heads = sketch.reuse(heads, open)
        } else if let gate = multiply(index, "attn_gate", normed, rows: tokens) {
            let open = sketch.reuse(gate)
            heads =
                open.bytes == heads.bytes
                ? sketch.reuse(heads, open) : sketch.make(heads.bytes, heads, open)
        }
        heads = norm(index, "attn_sub_norm", heads)
        return multiply(index, "attn_output", heads, rows: tokens) ?? heads
    }

    /// Experts that read the layer's input, beside attention and a dense part (`models/arctic.cpp`).
    private mutating func besideExperts(
        _ index: Int,
        _ stream: Value,
        _ normed: Value,
        isLast: Bool
    ) -> Value {
        let attended = attend(index, projections(index, normed), normed)
        let rows = isLast ? outputs : tokens
        let input = isLast ? select(stream, model.embedding) : stream
        let routed = routed(index, norm(index, "ffn_norm_exps", input), rows: rows)
        var joined = output(index, normed, attended)
        if isLast { joined = select(joined, model.embedding) }
        let residual = sketch.reuse(joined, input)
        let dense = gated(index, norm(index, "ffn_norm", residual), rows, suffix: "")
        return sketch.reuse(routed, sketch.reuse(dense, residual))
    }

    /// Attention and feed-forward part beside each other.
    private mutating func parallel(
        _ index: Int,
        _ stream: Value,
        _ normed: Value,
        _ heads: Value,
        isLast: Bool
    ) -> Value {
        let width = model.embedding
        var stream = stream
        let rows = isLast ? outputs : tokens
        var joined: Value?
        if !row.flow.contains(.outputLast) { joined = output(index, normed, heads) }
        var input: Value
        if weights[index, "ffn_norm"] != nil {
            if isLast { stream = select(stream, width) }
            input = norm(index, "ffn_norm", stream)
        } else {
            // Where attention has a norm of its own, the other one is the feed-forward part's.
            let hasOwn = weights[index, "attn_norm_2"] != nil
            input = hasOwn ? norm(index, "attn_norm", stream) : normed
            if isLast {
                input = select(input, width)
                stream = select(stream, width)
            }
        }
        if isLast { joined = joined.map { select($0, width) } }
        var result = feedForward(index, input, rows: rows)
        let isStreamFirst = row.flow.contains(.streamFirst)
        if isStreamFirst { result = sketch.reuse(result, stream) }
        if joined == nil {
            joined = output(index, normed, heads)
            if isLast { joined = joined.map { select($0, width) } }
        }
        result = sketch.reuse(result, joined)
        return isStreamFirst ? result : sketch.reuse(result, stream)
    }
}
