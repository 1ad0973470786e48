extension BatchGraph {
    /// How many keys an indexer that pools looks at as one.
    private var pool: Int64 { max(1, model.indexerPool) }

    private var pooledCells: Int64 { shape.sequenceTokens / pool + 64 }

    private var pooledChoices: Int64 {
        max(1, min(max(model.compute.indexerTop / pool, 1), pooledCells))
    }

    /// The mask of the pooled keys.
    mutating func addPooledInputs() {
        _ = sketch.input(floats(pool, pooledCells))
        indexMask = sketch.input(floats(pooledCells, tokens) / 2)
        _ = sketch.input(floats(model.indexerKey, tokens))
        indexCells = sketch.input(8 * tokens)
    }

    /// The mask of what an indexer over pooled keys chose (`models/qwen4exp.cpp`,
    /// `models/glm5-next.cpp`): the choices are expanded to tokens and marked one by one.
    mutating func pooledMask(_ index: Int, _ normed: Value, _ low: Value) -> Value? {
        guard model.layers[index].isIndexed, let mask else { return mask }
        let key = sketch.make(floats(model.indexerWidth, tokens), normed)
        sketch.store(key, indexCells)
        let read = sketch.make(floats(model.indexerKey, shape.sequenceTokens), key)
        let summed = sketch.make(floats(model.indexerKey, pooledCells), sketch.view(read))
        sketch.store(sketch.make(summed.bytes, sketch.view(summed)))
        let wide = floats(model.compute.indexerHeads, model.indexerKey, tokens)
        let raw = sketch.make(wide, low)
        let queries = sketch.reuse(sketch.make(wide, sketch.view(raw)), positions)
        let keys = sketch.make(floats(model.indexerKey, pooledCells))
        let scores = sketch.make(floats(pooledCells, tokens), queries, keys, indexMask)
        let best = sketch.make(floats(pooledChoices, tokens), scores)
        let chosen = pool * pooledChoices + pool - 1
        let expanded = sketch.make(floats(pool * pooledChoices, tokens), sketch.view(best))
        let places = sketch.make(floats(chosen, tokens), expanded)
        let marks = sketch.make(floats(chosen, tokens) / 2)
        let copy = sketch.make(places.bytes, places)
        let shares = sketch.make(best.bytes, sketch.view(scores), best)
        let repeated = sketch.make(floats(pool * pooledChoices, tokens), shares)
        let valid = sketch.make(places.bytes, sketch.view(repeated))
        let ones = sketch.make(places.bytes, valid)
        let order = sketch.make(places.bytes, ones)
        let moved = sketch.make(places.bytes, copy, order)
        let final = sketch.make(places.bytes, moved, valid, order)
        let hidden = sketch.make(floats(shape.sequenceTokens + chosen, tokens) / 2)
        sketch.store(marks, final)
        return sketch.make(mask.bytes, sketch.view(hidden), mask)
    }

    /// The mask of the blocks an indexer chose for each of its heads (`models/minimax-m3.cpp`), which
    /// needs fused attention, and a cache for each conversation where there are several.
    mutating func blockMask(_ index: Int, _ normed: Value) -> Value? {
        let isShared = shape.streams == 1 && shape.sequences > 1
        guard model.layers[index].isIndexed, shape.flashAttention, !isShared, let mask else {
            return mask
        }
        let heads = max(1, model.compute.indexerHeads)
        let wide = floats(heads, model.indexerKey, tokens)
        let raw = sketch.make(wide, normed)
        let query = sketch.reuse(sketch.make(wide, sketch.view(raw)), positions)
        let blocks = sketch.make(floats(256, heads, tokens), query, blockBias)
        let chosen = sketch.make(floats(64, heads, tokens), sketch.view(blocks))
        let cells = shape.sequenceTokens
        let marks = sketch.make(floats(heads, tokens, cells), chosen)
        let turned = sketch.make(marks.bytes, sketch.view(marks))
        let plain = sketch.make(floats(cells, tokens), mask)
        sketch.store(plain)
        return sketch.make(marks.bytes / 2, sketch.view(turned))
    }
}
