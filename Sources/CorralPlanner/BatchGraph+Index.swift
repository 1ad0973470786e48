extension BatchGraph {
    /// True where an indexer chooses the keys that attention looks at (`llama_kv_cache_dsa`).
    var choosesKeys: Bool {
        switch row.indexer {
        case .trunk, .glm, .named: model.indexerWidth > 0
        default: false
        }
    }

    private func choosesKeys(_ index: Int) -> Bool {
        choosesKeys && !model.layers[index].isWindowed
    }

    /// The keys an indexer chooses for each token.
    private var choices: Int64 {
        max(1, min(model.compute.indexerTop, shape.sequenceTokens))
    }

    /// What the caller fills in for indexers; the rows of zeros are allocated for every layer at
    /// once.
    mutating func addIndexInputs() {
        guard choosesKeys else { return }
        indexCells = sketch.input(8 * tokens)
        indexMask = sketch.input(floats(shape.sequenceTokens, tokens) / 2)
        if !row.flow.contains(.lanes) {
            indexRotation = sketch.input(floats(model.indexerKey, model.indexerKey))
        }
        for index in 0..<model.trunk where choosesKeys(index) {
            indexZeros[index] = sketch.input(floats(choices, tokens))
        }
    }

    /// The indexer's keys of the batch, written to its cache (`models/deepseek32.cpp`).
    mutating func storeIndex(_ index: Int, _ normed: Value) {
        guard choosesKeys, model.layers[index].isIndexed else { return }
        var key = sketch.make(floats(model.indexerKey, tokens), normed)
        key = sketch.make(key.bytes, key)
        key = sketch.make(key.bytes, sketch.view(key), positions)
        if indexRotation != nil { key = sketch.make(key.bytes, sketch.view(key), indexRotation) }
        sketch.store(key, indexCells)
    }

    /// The mask of what the indexer chose, in place of the plain one.
    ///
    /// - Parameters:
    ///   - index: The layer.
    ///   - normed: What its attention reads.
    ///   - query: The compressed query.
    /// - Returns: The mask; the plain one where the layer chooses nothing.
    mutating func chosenMask(_ index: Int, _ normed: Value, _ query: Value) -> Value? {
        guard choosesKeys(index), let mask else { return mask }
        let zeros = indexZeros[index].map { sketch.reuse($0) }
        if model.layers[index].isIndexed || chosen == nil {
            let heads = floats(model.compute.indexerHeads, model.indexerKey, tokens)
            var queries = sketch.make(heads, query)
            queries = sketch.make(heads, sketch.view(queries), positions)
            if indexRotation != nil {
                queries = sketch.make(heads, sketch.view(queries), indexRotation)
            }
            let shares = sketch.make(floats(model.compute.indexerHeads, tokens), normed)
            let scores = sketch.make(
                floats(shape.sequenceTokens, tokens),
                sketch.view(queries),
                shares,
                indexMask
            )
            let best = sketch.make(floats(choices, tokens), scores)
            chosen = sketch.make(floats(choices, tokens), sketch.view(best))
        }
        let hidden = sketch.make(mask.bytes, mask)
        sketch.store(zeros, chosen)
        return sketch.make(mask.bytes, sketch.view(hidden), mask)
    }
}
