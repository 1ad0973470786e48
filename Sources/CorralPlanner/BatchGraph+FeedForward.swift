extension BatchGraph {
    /// A layer's feed-forward part, dense, routed or both.
    mutating func feedForward(_ index: Int, _ normed: Value, rows: Rows) -> Value {
        let dense = weights[index, "ffn_up"] != nil
        let routes = ["ffn_up_exps", "ffn_gate_up_exps"].contains { weights[index, $0] != nil }
        guard routes, !row.flow.contains(.ignoresExperts) else {
            return gated(index, normed, rows, suffix: "")
        }
        if weights[index, "ffn_up_chexps"] != nil {
            return chunkedExperts(index, normed, rows: rows)
        }
        let slices = slices(index, normed, rows: rows)
        if row.flow.contains(.denseFirst), dense {
            let several = slices.count > 1 ? total(index, slices, rows: rows) : nil
            let beside = gated(index, normed, rows, suffix: "")
            return sketch.reuse(
                sketch.reuse(beside, several ?? total(index, slices, rows: rows))
            )
        }
        // The next layer's state is gathered behind what is ordered explicitly: the sum of several
        // experts, but not the copy of one.
        if slices.count == 1 { prefetch(after: index) }
        var result = total(index, slices, rows: rows)
        prefetch(after: index)
        if weights[index, "ffn_up_shexp"] != nil {
            var shared = gated(index, normed, rows, suffix: "_shexp")
            if let gate = multiply(index, "ffn_gate_inp_shexp", normed, rows: rows) {
                // A sigmoid, or in qwen2moe SiLU divided by what it is of.
                let open =
                    row.name == "qwen2moe"
                    ? sketch.reuse(sketch.make(gate.bytes, gate), gate) : sketch.reuse(gate)
                shared = sketch.reuse(shared, open)
            }
            result = sketch.reuse(result, shared)
        }
        return result
    }

    /// Experts, and behind them smaller ones that groups of experts share, routed alike
    /// (`models/grovemoe.cpp`).
    private mutating func chunkedExperts(_ index: Int, _ normed: Value, rows: Rows) -> Value {
        let experts = weights[index, "ffn_gate_inp"]?.rows ?? model.compute.experts
        let logits = sketch.make(floats(experts, rows), normed)
        let first = routed(index, normed, grouped(index, logits, chunks: nil, rows), "_exps", rows)
        // The result of a single expert is copied only where it is read.
        let several = first.count > 1 ? total(index, first, rows: rows) : nil
        let chunks = weights[index, "ffn_up_chexps"]?.depth ?? experts
        let routing = grouped(index, logits, chunks: chunks == experts ? nil : chunks, rows)
        let sum = several ?? total(index, first, rows: rows)
        let second = routed(index, sum, routing, "_chexps", rows)
        return sketch.reuse(sum, sketch.reuse(total(index, second, rows: rows)))
    }

    /// Routes by logits that another routing reads too, to experts or to as many chunks of them.
    private mutating func grouped(
        _ index: Int,
        _ logits: Value,
        chunks: Int64?,
        _ rows: Rows
    ) -> Routing {
        let used = max(1, model.layers[index].expertsUsed)
        let count = chunks.map { min($0, used) } ?? used
        let probabilities = sketch.reuse(logits)
        let order = sketch.make(logits.bytes, sketch.reuse(logits))
        var chosen = sketch.view(order)
        if chunks != nil {
            let floats = sketch.make(floats(count, rows), chosen)
            chosen = sketch.make(floats.bytes, sketch.reuse(floats))
        }
        return Routing(chosen: chosen, share: share(probabilities, chosen, count, rows))
    }

    /// What each chosen expert counts.
    private mutating func share(
        _ probabilities: Value,
        _ chosen: Value,
        _ used: Int64,
        _ rows: Rows
    ) -> Value {
        var share = sketch.make(floats(used, rows), sketch.view(probabilities), chosen)
        if !row.flow.contains(.rawShares) {
            let sum = sketch.reuse(sketch.make(floats(rows), sketch.view(share)))
            share = sketch.view(quotient(sketch.view(share), sum))
        }
        sketch.expand(share)
        return share
    }

    /// A quotient may take the divisor's place where both have one column, that of one expert.
    private mutating func quotient(_ dividend: Value, _ divisor: Value) -> Value {
        sketch.reuse(dividend, divisor)
    }

    /// A gated or plain feed-forward part (`build_ffn`).
    mutating func gated(
        _ index: Int,
        _ normed: Value,
        _ rows: Rows,
        suffix: String
    ) -> Value {
        let gate = multiply(index, "ffn_gate\(suffix)", normed, rows: rows)
        let up = multiply(index, "ffn_up\(suffix)", normed, rows: rows)
        let down = weights[index, "ffn_down\(suffix)"]
        var inner: Value
        if let gate, let up {
            inner = activate(gate, up, isClamped: model.compute.clampedGates.contains(index))
        } else if let up {
            // Without a gate of its own the product may hold gate and input side by side.
            let width = floats(down?.columns ?? 0, rows)
            inner = down != nil && width < up.bytes ? sketch.make(width, up) : sketch.reuse(up)
        } else {
            return sketch.reuse(normed)
        }
        if suffix.isEmpty { inner = norm(index, "ffn_sub_norm", inner) }
        return sketch.make(floats(down?.rows ?? model.embedding, rows), inner)
    }

    /// The product of a gate and what it lets pass: one operation, or where both are clamped
    /// several, each in the place of what it reads.
    private mutating func activate(_ gate: Value, _ up: Value, isClamped: Bool) -> Value {
        if row.flow.contains(.mixesCheckpoints) {
            // A product of two curves of the gate, one of which takes its place (`kimi_k3_situ`).
            let curve = sketch.make(gate.bytes, gate)
            let open = sketch.reuse(curve, sketch.reuse(gate))
            return sketch.reuse(open, sketch.reuse(up))
        }
        guard isClamped, row.flow.contains(.clampsGates) else {
            return sketch.make(gate.bytes, gate, up)
        }
        return sketch.reuse(sketch.reuse(gate), sketch.reuse(up))
    }

    /// Which experts each token is routed to, and how much each counts.
    struct Routing {
        var chosen: Value
        var share: Value
    }

    /// Routes tokens by the product of one of the layer's values with its gate.
    mutating func route(_ index: Int, _ input: Value, rows: Rows) -> Routing {
        let experts = weights[index, "ffn_gate_inp"]?.rows ?? model.compute.experts
        let used = max(1, model.layers[index].expertsUsed)
        // Gates that read the layer's input do so for every token.
        let isEarly = row.flow.contains(.routesInput)
        var logits = sketch.make(floats(experts, isEarly ? tokens : rows), input)
        if isEarly, rows != tokens || index == model.trunk - 1 { logits = select(logits, experts) }
        let probabilities = sketch.reuse(logits)
        var selection = probabilities
        if weights[index, "exp_probs_b.bias"] ?? weights[index, "exp_probs_b"] != nil {
            selection = sketch.make(floats(experts, rows), probabilities)
        }
        let order = sketch.make(floats(experts, rows), selection)
        let chosen = sketch.view(order)
        return Routing(chosen: chosen, share: share(probabilities, chosen, used, rows))
    }

    /// The sum of the experts each token is routed to (`build_moe_ffn`).
    mutating func routed(_ index: Int, _ normed: Value, rows: Rows) -> Value {
        total(index, slices(index, normed, rows: rows), rows: rows)
    }

    /// What each expert made of each token routed to it.
    private mutating func slices(_ index: Int, _ normed: Value, rows: Rows) -> [Value] {
        let routing = earlyRouting ?? route(index, normed, rows: rows)
        earlyRouting = nil
        return routed(index, normed, routing, "_exps", rows)
    }

    private mutating func routed(
        _ index: Int,
        _ normed: Value,
        _ routing: Routing,
        _ suffix: String,
        _ rows: Rows
    ) -> [Value] {
        let layer = model.layers[index]
        let used = max(1, layer.expertsUsed)
        let (chosen, share) = (routing.chosen, routing.share)
        // Some experts read and write a narrower stream (`models/nemotron-h.cpp`).
        let narrow =
            multiply(index, "ffn_latent_down", normed, rows: rows)
            ?? multiply(index, "ffn_routed_down", normed, rows: rows)
        var input = sketch.view(narrow ?? normed)
        let isWeightedFirst = row.flow.contains(.weightedExpertInput)
        if isWeightedFirst {
            input = sketch.reuse(
                sketch.make(floats(model.embedding, used, rows), input),
                share
            )
        }
        let width =
            weights[index, "ffn_up\(suffix)"]?.rows
            ?? (weights[index, "ffn_gate_up\(suffix)"]?.rows ?? 0) / 2
        let wide = floats(width, used, rows)
        var inner: Value
        if weights[index, "ffn_gate_up\(suffix)"] != nil {
            let both = sketch.make(floats(2 * width, used, rows), input, chosen)
            inner = sketch.make(wide, sketch.view(both), sketch.view(both))
        } else if weights[index, "ffn_gate\(suffix)"] != nil {
            let gate = sketch.make(wide, input, chosen)
            let up = sketch.make(wide, input, chosen)
            inner = activate(gate, up, isClamped: model.compute.clampedExperts.contains(index))
        } else {
            inner = sketch.reuse(sketch.make(wide, input, chosen))
        }
        let width2 = weights[index, "ffn_down\(suffix)"]?.rows ?? model.embedding
        let down = sketch.make(floats(width2, used, rows), inner, chosen)
        let weighted = isWeightedFirst ? down : sketch.reuse(down, share)
        return (0..<used).map { _ in sketch.view(weighted, bytes: floats(width2, rows)) }
    }

    private mutating func total(_ index: Int, _ slices: [Value], rows: Rows) -> Value {
        let bytes = slices[0].bytes
        var total: Value
        if slices.count > 1 {
            total = sketch.make(bytes, slices[0], slices[1])
            for slice in slices.dropFirst(2) { total = sketch.reuse(total, slice) }
        } else {
            total = sketch.make(bytes, slices[0])
        }
        if weights[index, "ffn_routed_up"] != nil {
            let normed = norm(index, "ffn_routed_norm", total)
            return multiply(index, "ffn_routed_up", normed, rows: rows) ?? normed
        }
        guard weights[index, "ffn_latent_up"] != nil else { return total }
        // The sum is ordered explicitly, what widens it again is not.
        prefetch(after: index)
        return multiply(index, "ffn_latent_up", total, rows: rows) ?? total
    }
}
