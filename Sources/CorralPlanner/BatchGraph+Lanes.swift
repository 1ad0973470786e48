extension BatchGraph {
    /// The bytes of a stream of several lanes (hyper-connections).
    private var laneBytes: Int64 { floats(model.embedding, model.compute.hyperConnections, tokens) }

    /// One layer over a stream of several lanes, mixed into one before each part and spread over
    /// all behind it (`build_hc_pre`, `build_hc_post` in `models/hy-v4.cpp` and its like).
    mutating func addLanes(_ index: Int, _ stream: Value) -> Value {
        var lanes = stream.bytes == laneBytes ? stream : sketch.make(laneBytes, stream)
        lanes = lanePart(index, lanes) { graph, normed in
            if let part = graph.model.layers[index].isRecurrent
                ? graph.recurrent(index, normed) : nil
            {
                return part
            }
            let heads = graph.attention(index, normed)
            return graph.output(index, normed, heads)
        }
        return lanePart(index, lanes) { graph, normed in
            graph.feedForward(index, normed, rows: graph.tokens)
        }
    }

    /// The last mix of the lanes, of the rows with an output (`build_hc_head`).
    mutating func joinLanes(_ lanes: Value) -> Value {
        let width = floats(model.embedding, outputs)
        guard case .compressed = row.memory else { return sketch.make(width, lanes) }
        let flat = sketch.make(lanes.bytes, sketch.view(lanes))
        let shares = sketch.reuse(
            sketch.make(floats(model.compute.hyperConnections, outputs), flat)
        )
        var sum = sketch.make(width, sketch.view(lanes), sketch.view(shares))
        for _ in 1..<max(2, model.compute.hyperConnections) {
            let part = sketch.make(width, sketch.view(lanes), sketch.view(shares))
            sum = sketch.reuse(sum, part)
        }
        return sum
    }

    private mutating func lanePart(
        _ index: Int,
        _ lanes: Value,
        _ part: (inout BatchGraph, Value) -> Value
    ) -> Value {
        let width = floats(model.embedding, tokens)
        let flat = sketch.make(laneBytes, sketch.view(lanes))
        let shares = sketch.make(floats(model.compute.hyperConnections, 6, tokens), flat)
        // Where the mix is gated, the gates are as wide as the lanes and the norm stays.
        let gates = weights[index, "hc_attn_up"] != nil ? sketch.make(laneBytes, shares) : nil
        let isPlain = row.flow.contains(.fusedLanes) && gates == nil
        let count = max(1, model.compute.hyperConnections)
        let before = isPlain ? sketch.make(floats(count, tokens), sketch.view(shares)) : nil
        let mixed = sketch.make(width, lanes, before ?? shares, gates, gates == nil ? nil : flat)
        let normed = norm(mixed)
        let result = part(&self, normed)
        if isPlain {
            let behind = sketch.make(floats(count, tokens), sketch.view(shares))
            let between = sketch.make(floats(count, count, tokens), shares)
            return sketch.make(laneBytes, result, lanes, behind, between)
        }
        guard !row.flow.contains(.fusedLanes) else {
            return sketch.make(laneBytes, result, lanes, shares, gates == nil ? nil : flat)
        }
        let copy = sketch.make(laneBytes, sketch.view(lanes), shares)
        let wide = sketch.make(width, result)
        var joined = sketch.make(width, wide, sketch.view(copy))
        for lane in 1..<max(2, model.compute.hyperConnections) {
            let next = sketch.reuse(sketch.make(width, wide), sketch.view(copy))
            joined = sketch.make(floats(model.embedding, lane + 1, tokens), joined, next)
        }
        return sketch.make(laneBytes, joined)
    }
}
