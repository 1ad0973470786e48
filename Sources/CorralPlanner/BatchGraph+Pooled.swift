extension BatchGraph {
    /// How many keys an indexer that pools looks at as one.
    private var pool: Int64 { max(1, model.indexerPool) }

    private var pooledCells: Int64 { (pools + 1).padded(to: 64) }

    /// Every sequence may fill every cell it can reach.
    private var pools: Int64 { shape.sequenceTokens * shape.sequences / pool }

    private var allCells: Int64 { shape.sequenceTokens * shape.streams }

    /// The tokens an indexer chooses for each one: pools, and what is not pooled yet.
    private var chosenTokens: Int64 { pool * pooledChoices + pool - 1 }

    private var pooledChoices: Int64 {
        max(1, min(max(model.compute.indexerTop / pool, 1), pooledCells))
    }

    /// The mask of the pooled keys.
    mutating func addPooledInputs() {
        _ = sketch.input(floats(pool, pooledCells))
        _ = sketch.input(floats(pool, pools))
        _ = sketch.input(8 * pools)
        _ = sketch.input(floats(pool, tokens))
        indexMask = sketch.input(floats(pooledCells, tokens) / 2)
        if case .pooledTriples = row.indexer {
            gatherMask = sketch.input(floats(chosenTokens, tokens))
        }
        // Every layer has zeros of its own, there from the start.
        for index in 0..<model.trunk where model.layers[index].isIndexed {
            indexZeros[index] = sketch.input(floats(model.indexerKey, tokens))
            guard case .pooledPairs = row.indexer else { continue }
            indexShares[index] = sketch.input(floats(model.compute.indexerHeads, tokens))
        }
        indexCells = sketch.input(8 * tokens)
    }

    /// Bytes of a mask's numbers: fused attention reads halves.
    private func masks(_ columns: Int64) -> Int64 {
        floats(columns, tokens) / (shape.flashAttention ? 2 : 1)
    }

    /// The tokens that the pools an indexer chose are made of, and the choice itself
    /// (`build_qsa_sel` in `models/qwen4exp.cpp`).
    mutating func choosePairs(_ index: Int, _ normed: Value) {
        guard model.layers[index].isIndexed else { return }
        let raw = sketch.make(floats(model.indexerKey, tokens), normed)
        let empty = indexZeros[index].map { sketch.reuse($0) }
        sketch.store(sketch.make(floats(2 * model.indexerKey, tokens), raw, empty), indexCells)
        let read = sketch.make(floats(model.indexerKey, pool * pools))
        let sum = sketch.make(floats(model.indexerKey, pools), sketch.view(read))
        let joined = sketch.reuse(sum, sketch.view(read))
        sketch.store(sketch.make(joined.bytes, sketch.view(joined)))

        let wide = floats(model.compute.indexerHeads, model.indexerKey, tokens)
        let product = sketch.make(wide, normed)
        let queries = sketch.reuse(sketch.make(wide, sketch.view(product)), positions)
        let keys = sketch.make(floats(model.indexerKey, pooledCells))
        let importance = indexShares[index].map { sketch.reuse($0) }
        let scores = sketch.make(
            floats(pooledCells, tokens),
            queries,
            sketch.view(keys),
            importance,
            indexMask
        )
        let best = sketch.make(floats(pooledChoices, tokens), scores)
        let members = sketch.make(floats(pool * pooledChoices, tokens), sketch.view(best))
        chosen = sketch.make(floats(chosenTokens, tokens), sketch.view(members))
        choice = (scores, best)
    }

    /// The mask of what ``choosePairs(_:_:)`` chose, each token marked once.
    mutating func pairMask() -> Value? {
        guard let chosen, let choice, let mask else { return mask }
        let marks = sketch.make(masks(chosenTokens))
        let places = sketch.make(chosen.bytes, chosen)
        let shares = sketch.reuse(
            sketch.make(choice.best.bytes, sketch.view(choice.scores), choice.best)
        )
        let repeated = sketch.make(floats(pool * pooledChoices, tokens), shares)
        let valid = sketch.make(places.bytes, sketch.view(repeated))
        let ones = sketch.make(places.bytes, valid)
        let order = sketch.make(places.bytes, ones)
        let moved = sketch.reuse(sketch.reuse(order), places)
        let final = sketch.make(places.bytes, sketch.reuse(moved, valid))
        let hidden = sketch.make(masks(allCells + chosenTokens))
        sketch.store(marks, final)
        return sketch.make(mask.bytes, sketch.view(hidden), mask)
    }

    /// Writes the batch's keys and gates to an indexer's cache, and the pools they complete
    /// (`build_kpool_select` in `models/glm5-next.cpp`).
    mutating func storePools(_ index: Int, _ normed: Value) {
        let key = model.indexerKey
        let raw = sketch.make(floats(key, tokens), normed)
        let own = sketch.make(raw.bytes, raw)
        let gate = sketch.make(own.bytes, normed)
        let pair = sketch.make(floats(2 * key, tokens), own, gate)
        let empty = indexZeros[index].map { sketch.reuse($0) }
        sketch.store(sketch.make(floats(3 * key, tokens), pair, empty), indexCells)

        let members = floats(key, pool * pools)
        let read = sketch.make(2 * members)
        let scored = sketch.make(members, sketch.view(read))
        let turned = sketch.make(members, sketch.view(scored))
        let shares = sketch.reuse(turned)
        let keys = sketch.make(members, sketch.view(read))
        let weighed = sketch.reuse(shares, keys)
        sketch.store(sketch.make(floats(key, pools), weighed))
    }

    /// The tokens that the pools an indexer chose are made of.
    mutating func choosePools(_ normed: Value, _ low: Value) {
        let key = model.indexerKey
        let queries = sketch.make(floats(model.compute.indexerHeads, key, tokens), low)
        let pooled = sketch.make(floats(key, pooledCells))
        let importance = sketch.reuse(
            sketch.make(floats(model.compute.indexerHeads, tokens), normed)
        )
        let scores = sketch.make(
            floats(pooledCells, tokens),
            sketch.view(queries),
            pooled,
            importance,
            indexMask
        )
        let choices = floats(pooledChoices, tokens)
        let best = sketch.make(choices, scores)
        let numbers = sketch.make(choices, sketch.view(best))
        let picked = sketch.make(choices, sketch.view(scores), best)
        let order = sketch.make(choices, sketch.view(picked))
        var sorted = sketch.make(choices, sketch.view(numbers), order)
        sorted = sketch.make(choices, sketch.view(sorted))
        sorted = sketch.make(choices, sorted)
        let tokens = sketch.make(pool * choices, sketch.view(sorted))
        chosen = sketch.make(floats(chosenTokens, self.tokens), sketch.view(tokens))
    }

    /// The mask that leaves nothing but the chosen tokens, for the layers up to the next indexer.
    mutating func chosenPoolMask() -> Value? {
        guard let chosen, let mask, let gatherMask else { return sharedMask ?? mask }
        self.chosen = nil
        let marks = sketch.make(masks(chosenTokens))
        let places = sketch.reuse(sketch.make(chosen.bytes, chosen))
        let living = sketch.reuse(gatherMask)
        let final = sketch.make(chosen.bytes, sketch.reuse(sketch.reuse(places, living)))
        let hidden = sketch.make(masks(allCells + chosenTokens))
        sketch.store(marks, final)
        sharedMask = sketch.make(mask.bytes, sketch.view(hidden), mask)
        return sharedMask
    }
}
