extension BatchGraph {
    /// Queries, keys and values on their way into attention.
    struct Projections {
        var query: Value
        var key: Value?
        var value: Value?
    }

    /// A layer's attention up to the heads' results (`build_qkv`, `build_attn`).
    mutating func attention(_ index: Int, _ normed: Value) -> Value {
        if case .compressed = row.memory { return compressedAttention(index, normed) }
        if weights[index, "attn_kv_a_mqa"] != nil { return latentAttention(index, normed) }
        if choosesBlocks(index) { return blockAttention(index, normed) }
        if case .pooledPairs = row.indexer { choosePairs(index, normed) }
        return attend(index, projections(index, normed), normed)
    }

    /// Queries, keys and values, of one product or of three.
    ///
    /// A cache of one kind takes values before keys (`build_attn`), unless the architecture writes
    /// to it by itself.
    mutating func projections(
        _ index: Int,
        _ normed: Value,
        keysFirst: Bool = false
    ) -> Projections {
        let keysFirst = keysFirst || model.window > 0
        if let fused = multiply(index, "attn_qkv", normed, rows: tokens) {
            return fusedProjections(index, fused, keysFirst)
        }
        return separateProjections(index, normed, keysFirst || !holdsCache)
    }

    /// Writes keys and values to the cache and attends to it.
    mutating func attend(_ index: Int, _ parts: Projections, _ normed: Value) -> Value {
        cache(index, parts)
        return heads(index, parts, normed)
    }

    /// Writes keys and values to the cache.
    mutating func cache(_ index: Int, _ parts: Projections) {
        sketch.expand(parts.query)
        sketch.expand(parts.value)
        sketch.expand(parts.key)
        if holdsCache {
            let isWindowed = model.layers[index].isWindowed
            sketch.store(parts.key, isWindowed ? windowKeyCells : keyCells)
            sketch.store(
                parts.value.map { storedValue(index, $0) },
                isWindowed ? windowValueCells : valueCells
            )
        }
    }

    /// The values as the cache takes them (`llama_kv_cache::cpy_v`).
    ///
    /// Without fused attention it holds them transposed: part of a fused product is copied, and
    /// rows narrower than the widest layer's are padded.
    private mutating func storedValue(_ index: Int, _ value: Value) -> Value {
        guard !shape.flashAttention else { return value }
        let own =
            weights[index, "attn_qkv"] != nil && !model.isLatent
            ? sketch.make(value.bytes, value) : value
        let widest = model.layers.map(\.valueWidth).max() ?? 0
        guard model.layers[index].valueWidth < widest else { return own }
        return sketch.make(floats(widest, tokens), own)
    }

    private mutating func fusedProjections(
        _ index: Int,
        _ fused: Value,
        _ keysFirst: Bool
    ) -> Projections {
        let layer = model.layers[index]
        let (keyRotation, valueRotation) = rotations(index)
        let query = floats(layer.heads * layer.keyHead, tokens)
        let key = floats(layer.keyWidth, tokens)
        var parts = Projections(
            query: sketch.view(fused, bytes: query),
            key: sketch.view(fused, bytes: key),
            value: sketch.view(fused, bytes: floats(layer.valueWidth, tokens))
        )
        parts.query = spread(position(index, parts.query, "attn_q_norm"), keyRotation)
        if !keysFirst {
            parts.value = parts.value.map { spread(contiguous($0, valueRotation), valueRotation) }
        }
        parts.key = parts.key.map { spread(position(index, $0, "attn_k_norm"), keyRotation) }
        if keysFirst {
            parts.value = parts.value.map { spread(contiguous($0, valueRotation), valueRotation) }
        }
        return parts
    }

    private mutating func separateProjections(
        _ index: Int,
        _ normed: Value,
        _ keysFirst: Bool
    ) -> Projections {
        let layer = model.layers[index]
        let (keyRotation, valueRotation) = rotations(index)
        func product(_ name: String) -> Value? {
            multiply(index, name, normed, rows: tokens).map { sketch.view($0) }
        }
        // A layer that reads another's cache has no keys and values of its own.
        func value() -> Value? {
            let value = layer.isCached ? product("attn_v") ?? keysAsValues() : nil
            let normed = row.flow.contains(.normedValues) ? value.map { norm($0) } : value
            return normed.map { spread($0, valueRotation) }
        }
        func keysAsValues() -> Value? {
            row.flow.contains(.normedValues) ? product("attn_k") : nil
        }
        func key() -> Value? {
            (layer.isCached ? product("attn_k") : nil).map {
                spread(position(index, $0, "attn_k_norm"), keyRotation)
            }
        }
        var query = product("attn_q")
        let half = floats(layer.heads * layer.keyHead, tokens)
        if let all = query, all.bytes == 2 * half {
            // Queries with a gate for each beside it (`qwen35.cpp`).
            gate = all
            query = sketch.make(half, sketch.view(all, bytes: half))
            query = query.map { sketch.reuse($0, positions) }
        } else {
            query = query.map { position(index, $0, "attn_q_norm") }
        }
        query = query.map { spread($0, keyRotation) }
        if !keysFirst {
            let values = value()
            return Projections(query: query ?? normed, key: key(), value: values)
        }
        let keys = key()
        return Projections(query: query ?? normed, key: keys, value: value())
    }

    /// The norm of each head and the rotary embedding, in the architecture's order.
    private mutating func position(_ index: Int, _ value: Value, _ name: String) -> Value {
        let hasNorm = weights[index, name] != nil || row.flow.contains(.plainHeadNorms)
        let hasRotary = hasRotary(index)
        var value = value
        if hasNorm, !row.flow.contains(.rotaryFirst) { value = norm(value) }
        if !hasRotary, !hasNorm, weights[index, "attn_qkv"] != nil {
            return contiguous(value, rotations(index).keys)
        }
        if hasRotary { value = sketch.reuse(value, positions) }
        if hasNorm, row.flow.contains(.rotaryFirst) { value = norm(value) }
        return value
    }

    /// A copy of a part of a fused product, where the product with a Hadamard matrix needs one.
    private mutating func contiguous(_ part: Value, _ rotation: Value?) -> Value {
        rotation == nil ? part : sketch.make(part.bytes, part)
    }

    /// The Hadamard matrices of a layer's quantized keys and values.
    func rotations(_ index: Int) -> (keys: Value?, values: Value?) {
        let isWindowed = model.layers[index].isWindowed
        return (keyRotations[isWindowed], valueRotations[isWindowed])
    }

    /// The product with a Hadamard matrix, where there is one (`llama_mul_mat_hadamard`).
    mutating func spread(_ value: Value, _ rotation: Value?) -> Value {
        guard let rotation else { return value }
        return sketch.view(sketch.make(value.bytes, rotation, sketch.view(value)))
    }

    /// Attention itself (`build_attn_mha`).
    mutating func heads(_ index: Int, _ parts: Projections, _ normed: Value) -> Value {
        let layer = model.layers[index]
        let result = floats(layer.heads * layer.valueHead, tokens)
        let cells = holdsCache ? (layer.isWindowed ? windowCells : shape.sequenceTokens) : tokens
        let query = sketch.view(parts.query)
        if shape.flashAttention {
            var key: Value?
            var value: Value?
            let isFloat = holdsCache ? shape.keyType == .f32 : true
            if isFloat {
                key = sketch.make(halves(layer.keyWidth, cells), holdsCache ? nil : parts.key)
            }
            if holdsCache ? shape.valueType == .f32 : true {
                value = sketch.make(halves(layer.valueWidth, cells), holdsCache ? nil : parts.value)
            }
            let mask = layer.isWindowed ? windowMask : fullMask(index, normed)
            let joined = sketch.view(sketch.make(result, query, key, value, mask))
            sketch.expand(joined)
            return joined
        }
        var value: Value?
        if !holdsCache, let own = parts.value { value = sketch.make(own.bytes, own) }
        var scores = sketch.make(
            floats(layer.heads, cells, tokens),
            query,
            holdsCache ? nil : parts.key
        )
        scores = sketch.reuse(scores, layer.isWindowed ? windowMask : fullMask(index, normed))
        let joined = sketch.make(result, value, scores)
        let ordered = sketch.make(result, sketch.view(joined))
        sketch.expand(ordered)
        return ordered
    }

    private mutating func fullMask(_ index: Int, _ normed: Value) -> Value? {
        switch row.indexer {
        case .pooledPairs: model.layers[index].isIndexed ? pairMask() : mask
        default: mask
        }
    }

    private func halves(_ width: Int64, _ cells: Int64) -> Int64 {
        floats(width, cells, holdsCache ? shape.streams : 1) / 2
    }
}
