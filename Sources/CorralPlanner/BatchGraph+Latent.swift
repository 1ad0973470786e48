extension BatchGraph {
    /// What an indexer reads: the layer's normed input and its compressed query.
    struct Reads {
        var normed: Value
        var low: Value
    }

    private mutating func mask(_ index: Int, _ reads: Reads) -> Value? {
        if model.layers[index].isWindowed { return windowMask }
        if case .pooledTriples = row.indexer { return chosenPoolMask() }
        return chosenMask(index, reads.normed, reads.low)
    }

    /// Attention over compressed keys and values (`models/deepseek2.cpp`).
    mutating func latentAttention(_ index: Int, _ normed: Value) -> Value {
        let layer = model.layers[index]
        storeIndex(index, normed)
        let (query, low) = latentQuery(index, normed)
        let rank = weights[index, "attn_kv_a_norm"]?.columns ?? model.compute.keyValueRank
        let rotary = (weights[index, "attn_kv_a_mqa"]?.rows ?? rank) - rank
        if let absorbed = weights[index, "attn_k_b"] {
            let heads = absorbed.depth
            let inner = sketch.make(floats(rank, heads, tokens), sketch.view(sketch.view(query)))
            let cells = layer.isWindowed ? windowKeyCells : keyCells
            var queries = inner
            if rotary > 0 {
                let place = rotated(query, floats(rotary, heads, tokens))
                queries = sketch.make(
                    floats(rank + rotary, heads, tokens),
                    sketch.view(inner),
                    place
                )
                let both = sketch.make(floats(rank + rotary, tokens), normed)
                let compressed = sketch.make(floats(rank, tokens), sketch.view(both))
                let values = sketch.view(compressed)
                let keyPlace = rotated(both, floats(rotary, tokens))
                sketch.store(
                    sketch.make(floats(rank + rotary, tokens), values, keyPlace),
                    cells
                )
            } else {
                sketch.store(norm(sketch.make(floats(rank, tokens), normed)), cells)
            }
            let reads = Reads(normed: normed, low: low)
            return latentHeads(index, queries, reads, rank: rank, heads: heads)
        }
        // Files from before the split decompress keys and values of every head.
        let heads = layer.heads
        let valueWidth = layer.valueHead
        let rotations = rotations(index)
        let queries = spread(sketch.reuse(sketch.view(query), positions), rotations.keys)
        let both = sketch.make(floats(rank + rotary, tokens), normed)
        let compressed = sketch.make(floats(rank, tokens), sketch.view(both))
        let decompressed = multiply(index, "attn_kv_b", compressed, rows: tokens) ?? compressed
        let values = spread(
            sketch.make(floats(valueWidth, heads, tokens), sketch.view(decompressed)),
            rotations.values
        )
        let keyPlace = rotated(both, floats(rotary, tokens))
        let repeated = sketch.make(floats(rotary, heads, tokens), keyPlace)
        let keys = sketch.make(
            floats(layer.keyHead, heads, tokens),
            sketch.view(decompressed),
            repeated
        )
        let parts = Projections(
            query: queries,
            key: spread(keys, rotations.keys),
            value: values
        )
        return attend(index, parts, normed)
    }

    /// The queries, and their compressed form.
    private mutating func latentQuery(_ index: Int, _ normed: Value) -> (Value, Value) {
        let isPooled =
            if case .pooledTriples = row.indexer {
                model.layers[index].isIndexed
            } else {
                false
            }
        if isPooled { storePools(index, normed) }
        guard let low = multiply(index, "attn_q_a", normed, rows: tokens) else {
            return (multiply(index, "attn_q", normed, rows: tokens) ?? normed, normed)
        }
        let inner = norm(low)
        if isPooled { choosePools(normed, inner) }
        return (multiply(index, "attn_q_b", inner, rows: tokens) ?? inner, inner)
    }

    /// The part of a value that the rotary embedding turns, in memory of its own.
    private mutating func rotated(_ value: Value, _ bytes: Int64) -> Value {
        let part = sketch.view(value, bytes: bytes)
        return row.flow.contains(.noRotary) ? part : sketch.make(bytes, part, positions)
    }

    private mutating func latentHeads(
        _ index: Int,
        _ queries: Value,
        _ reads: Reads,
        rank: Int64,
        heads: Int64
    ) -> Value {
        let layer = model.layers[index]
        let cells = layer.isWindowed ? windowCells : shape.sequenceTokens
        let valueWidth = weights[index, "attn_v_b"]?.rows ?? layer.valueHead
        let wide = floats(rank, heads, tokens)
        let result = floats(valueWidth, heads, tokens)
        if shape.flashAttention {
            var copies: (Value?, Value?) = (nil, nil)
            if shape.keyType == .f32 {
                copies.0 = sketch.make(floats(layer.keyWidth, cells, shape.streams) / 2)
                copies.1 = sketch.make(floats(rank, cells, shape.streams) / 2)
            }
            let mask = mask(index, reads)
            let joined = sketch.make(wide, sketch.view(queries), copies.0, copies.1, mask)
            let opened = sketch.make(result, sketch.view(joined))
            return sketch.view(sketch.make(result, sketch.view(opened)))
        }
        // The cached keys serve as values, which have to be turned first.
        let turned = sketch.make(
            floats(rank, cells, shape.streams) / (shape.keyType == .f32 ? 1 : 2)
        )
        var scores = sketch.make(floats(heads, cells, tokens), sketch.view(queries))
        scores = sketch.reuse(scores, mask(index, reads))
        let joined = sketch.make(wide, scores, turned)
        let opened = sketch.make(result, joined)
        return sketch.make(result, sketch.view(opened))
    }
}
