/// RWKV 6 and 7: each layer mixes a token with the one before it, over time and over channels
/// (`rwkv6-base.cpp`, `rwkv7-base.cpp`).
extension BatchGraph {
    /// True for models whose layers are sketched here.
    var shiftsTokens: Bool { row.flow.contains(.shiftsTokens) }

    private var width: Int64 { floats(model.embedding, tokens) }

    /// All layers, from the embeddings on.
    mutating func addShiftedLayers(_ embeddings: Value) -> Value {
        var stream = embeddings
        var states = gatherStates()
        if weights["token_embd_norm"] != nil { stream = norm(stream) }
        for index in 0..<model.trunk {
            let isLast = index == model.trunk - 1
            let normed = norm(sketch.view(stream))
            let before = sketch.make(width, states.shift, sketch.view(normed))
            var joined = timeMix(index, normed, before, states.state)
            joined = sketch.make(width, sketch.view(joined), sketch.view(stream))
            let input = norm(joined)
            sketch.store(
                sketch.view(
                    sketch.make(
                        floats(2 * model.embedding, shape.sequences),
                        sketch.view(normed),
                        sketch.view(input)
                    )
                )
            )
            let shift = states.shift
            // The next layer's states come before what this one still has to do.
            if !isLast { states = gatherStates() }
            stream = channelMix(index, joined, input, shift, isLast: isLast)
        }
        return stream
    }

    private mutating func gatherStates() -> (shift: Value, state: Value) {
        let shift = gather(model.convolutionState)
        sketch.expand(shift)
        let state = gather(model.recurrentState)
        sketch.expand(state)
        return (shift, state)
    }

    private mutating func product(_ index: Int, _ name: String, _ input: Value) -> Value {
        multiply(index, name, input, rows: tokens) ?? input
    }

    /// A product with a narrow matrix and one with a wide one, and a function between them.
    private mutating func lowRank(
        _ index: Int,
        _ narrow: String,
        _ wide: String,
        _ input: Value,
        isCurved: Bool
    ) -> Value {
        let low = product(index, narrow, sketch.view(input))
        return product(index, wide, isCurved ? sketch.reuse(low) : low)
    }

    private mutating func timeMix(
        _ index: Int,
        _ normed: Value,
        _ before: Value,
        _ state: Value
    ) -> Value {
        weights[index, "time_mix_decay_w1"] == nil
            ? timeMix7(index, normed, before, state) : timeMix6(index, normed, before, state)
    }

    /// What a scan over the batch makes of the states, which are written back.
    private mutating func scan(
        _ parts: [Value],
        _ first: Value? = nil,
        _ second: Value? = nil,
        state: Value
    ) -> Value {
        let bytes = width + floats(model.recurrentState, shape.sequences)
        let read = parts.map { sketch.view($0) }
        let scan = sketch.make(
            bytes,
            read[0],
            read[1],
            read[2],
            read[3],
            first,
            second,
            state
        )
        sketch.store(sketch.view(scan))
        return scan
    }

    private mutating func timeMix6(
        _ index: Int,
        _ normed: Value,
        _ before: Value,
        _ state: Value
    ) -> Value {
        let difference = sketch.reuse(before, normed)
        let first = sketch.make(width, sketch.view(difference))
        let mixed = sketch.reuse(first, sketch.view(normed))
        let low = sketch.reuse(product(index, "time_mix_w1", mixed))
        let turned = sketch.make(low.bytes, sketch.view(low))
        let isFused = weights[index, "time_mix_lerp_fused"] != nil
        var all = sketch.make(5 * width, turned)
        if isFused {
            all = sketch.reuse(sketch.reuse(all), sketch.view(difference))
            all = sketch.reuse(all, sketch.view(normed))
        }
        func part(_ graph: inout BatchGraph) -> Value {
            let part = graph.sketch.view(all, bytes: graph.width)
            guard !isFused else { return part }
            let own = graph.sketch.make(graph.width, part)
            let mixed = graph.sketch.reuse(own, graph.sketch.view(difference))
            return graph.sketch.reuse(mixed, graph.sketch.view(normed))
        }
        let key = product(index, "time_mix_key", part(&self))
        let value = product(index, "time_mix_value", part(&self))
        let receptance = product(index, "time_mix_receptance", part(&self))
        var decay = lowRank(
            index,
            "time_mix_decay_w1",
            "time_mix_decay_w2",
            part(&self),
            isCurved: true
        )
        decay = sketch.reuse(decay)
        let scan = scan([key, value, receptance, decay], state: state)
        let result = sketch.make(width, sketch.view(scan))
        let scaled = sketch.make(width, sketch.view(result))
        let gate = sketch.reuse(product(index, "time_mix_gate", part(&self)))
        return product(index, "time_mix_output", sketch.reuse(scaled, gate))
    }

    private mutating func timeMix7(
        _ index: Int,
        _ normed: Value,
        _ before: Value,
        _ state: Value
    ) -> Value {
        let hasGate = weights[index, "time_mix_g1"] != nil && weights[index, "time_mix_g2"] != nil
        let difference = sketch.reuse(before, normed)
        let repeated = sketch.make((hasGate ? 6 : 5) * width, difference)
        let all = sketch.reuse(sketch.reuse(repeated), normed)
        let part = sketch.view(all, bytes: width)
        let receptance = product(index, "time_mix_receptance", sketch.view(part))
        let decay = sketch.reuse(
            lowRank(index, "time_mix_w1", "time_mix_w2", part, isCurved: true)
        )
        let raw = product(index, "time_mix_key", sketch.view(part))
        let rate = sketch.reuse(
            lowRank(index, "time_mix_a1", "time_mix_a2", part, isCurved: false)
        )
        let scaledKey = sketch.make(width, raw)
        let faded = sketch.make(width, rate, scaledKey)
        let key = sketch.reuse(raw, sketch.reuse(faded, scaledKey))
        let value = valueOfLayers(index, part)
        let unit = sketch.make(width, sketch.view(sketch.reuse(raw)))
        let negative = sketch.make(width, unit)
        let replaced = sketch.reuse(unit, sketch.view(rate))
        let scan = scan([receptance, decay, key, value], negative, replaced, state: state)
        var result = sketch.view(scan, bytes: width)
        if weights[index, "time_mix_ln"] != nil {
            result = sketch.make(width, sketch.view(sketch.make(width, result)))
        }
        let product = sketch.make(width, sketch.view(key), sketch.view(receptance))
        let heads = model.embedding / max(1, model.compute.recurrentHead)
        let sums = sketch.make(floats(heads, tokens), sketch.reuse(product))
        let bonus = sketch.make(width, sketch.view(value), sums)
        var joined = sketch.reuse(result, sketch.view(bonus))
        if hasGate {
            let gate = lowRank(index, "time_mix_g1", "time_mix_g2", part, isCurved: true)
            joined = sketch.reuse(joined, gate)
        }
        return self.product(index, "time_mix_output", joined)
    }

    /// A layer's values, to which those of the first layer are added.
    private mutating func valueOfLayers(_ index: Int, _ part: Value) -> Value {
        let own = product(index, "time_mix_value", sketch.view(part))
        guard let first = firstValue else {
            firstValue = own
            return own
        }
        let difference = sketch.reuse(first, own)
        let share = sketch.reuse(
            lowRank(index, "time_mix_v1", "time_mix_v2", part, isCurved: false)
        )
        return sketch.reuse(own, sketch.reuse(difference, share))
    }

    private mutating func channelMix(
        _ index: Int,
        _ joined: Value,
        _ normed: Value,
        _ shift: Value,
        isLast: Bool
    ) -> Value {
        let rows = isLast ? outputs : tokens
        let size = floats(model.embedding, rows)
        var before = sketch.view(
            sketch.make(width, sketch.view(shift), sketch.view(normed))
        )
        var input = sketch.view(normed)
        if isLast {
            before = select(before, model.embedding)
            input = select(input, model.embedding)
        }
        let difference = sketch.reuse(before, input)
        var gate: Value?
        if weights[index, "channel_mix_receptance"] != nil {
            let mixed = sketch.reuse(sketch.make(size, difference), input)
            gate = multiply(index, "channel_mix_receptance", mixed, rows: rows)
            gate = gate.map { sketch.reuse($0) }
        }
        let mixed = sketch.reuse(sketch.reuse(difference), input)
        let key = multiply(index, "channel_mix_key", mixed, rows: rows).map { sketch.reuse($0) }
        var result = sketch.make(size, key)
        if let gate { result = sketch.reuse(gate, result) }
        let residual =
            isLast ? select(sketch.view(joined), model.embedding) : sketch.view(joined)
        return sketch.reuse(result, residual)
    }
}
