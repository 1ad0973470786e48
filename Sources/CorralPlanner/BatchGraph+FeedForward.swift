extension BatchGraph {
    /// A layer's feed-forward part, dense, routed or both.
    mutating func feedForward(_ index: Int, _ normed: Value, rows: Rows) -> Value {
        let dense = weights[index, "ffn_up"] != nil
        let routes = ["ffn_up_exps", "ffn_gate_up_exps"].contains { weights[index, $0] != nil }
        guard routes, !row.flow.contains(.ignoresExperts) else {
            return gated(index, normed, rows, suffix: "")
        }
        var result = routed(index, normed, rows: rows)
        if weights[index, "ffn_up_shexp"] != nil {
            let shared = gated(index, normed, rows, suffix: "_shexp")
            result = sketch.reuse(result, shared)
        }
        if dense {
            let beside = gated(index, normed, rows, suffix: "")
            result = sketch.reuse(result, beside)
        }
        return result
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
            inner = sketch.make(gate.bytes, gate, up)
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
        if weights[index, "exp_probs_b.bias"] != nil {
            selection = sketch.make(floats(experts, rows), probabilities)
        }
        let order = sketch.make(floats(experts, rows), selection)
        let chosen = sketch.view(order)
        var share = sketch.make(floats(used, rows), sketch.view(probabilities), chosen)
        let sum = sketch.make(floats(rows), sketch.view(share))
        share = sketch.make(floats(used, rows), sketch.view(share), sum)
        sketch.expand(share)
        return Routing(chosen: chosen, share: share)
    }

    /// Experts each token is routed to (`build_moe_ffn`).
    mutating func routed(_ index: Int, _ normed: Value, rows: Rows) -> Value {
        let layer = model.layers[index]
        let used = max(1, layer.expertsUsed)
        let routing = earlyRouting ?? route(index, normed, rows: rows)
        earlyRouting = nil
        let (chosen, share) = (routing.chosen, routing.share)
        // Some experts read and write a narrower stream (`models/nemotron-h.cpp`).
        let narrow = multiply(index, "ffn_latent_down", normed, rows: rows)
        var input = sketch.view(narrow ?? normed)
        let isWeightedFirst = row.flow.contains(.weightedExpertInput)
        if isWeightedFirst {
            input = sketch.reuse(
                sketch.make(floats(model.embedding, used, rows), input),
                share
            )
        }
        let width =
            weights[index, "ffn_up_exps"]?.rows
            ?? (weights[index, "ffn_gate_up_exps"]?.rows ?? 0) / 2
        let wide = floats(width, used, rows)
        var inner: Value
        if weights[index, "ffn_gate_up_exps"] != nil {
            let both = sketch.make(floats(2 * width, used, rows), input, chosen)
            inner = sketch.make(wide, sketch.view(both), sketch.view(both))
        } else if weights[index, "ffn_gate_exps"] != nil {
            let gate = sketch.make(wide, input, chosen)
            let up = sketch.make(wide, input, chosen)
            inner = sketch.make(wide, gate, up)
        } else {
            inner = sketch.reuse(sketch.make(wide, input, chosen))
        }
        let width2 = weights[index, "ffn_down_exps"]?.rows ?? model.embedding
        let down = sketch.make(floats(width2, used, rows), inner, chosen)
        let weighted = isWeightedFirst ? down : sketch.reuse(down, share)
        let slices = (0..<used).map { _ in sketch.view(weighted, bytes: floats(width2, rows)) }
        var total: Value
        if used > 1 {
            total = sketch.make(floats(width2, rows), slices[0], slices[1])
            for slice in slices.dropFirst(2) { total = sketch.reuse(total, slice) }
        } else {
            total = sketch.make(floats(width2, rows), slices[0])
        }
        guard weights[index, "ffn_latent_up"] != nil else { return total }
        // The sum is ordered explicitly, what widens it again is not.
        prefetch(after: index)
        return multiply(index, "ffn_latent_up", total, rows: rows) ?? total
    }
}
