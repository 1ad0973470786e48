/// Attention to the blocks of tokens that an indexer chooses for each group of heads
/// (`models/minimax-m3.cpp`).
extension BatchGraph {
    /// The sizes of a batch that attends to blocks.
    private struct Blocks {
        /// The tokens of a block, the blocks there are, and those that are chosen.
        var length: Int64
        var count: Int64
        var chosen: Int64
        /// The indexer's heads, one for each group of attention's heads.
        var groups: Int64
        /// The positions that blocks are made of.
        var positions: Int64
    }

    /// llama.cpp reserves memory for the positions of an empty cache: one step, in whole blocks
    /// (`llama_kv_cache_msa_context::get_n_pos`).
    private var blocks: Blocks {
        let length = max(1, model.compute.indexerBlock)
        let positions = ContextShape.step.padded(to: length)
        let count = positions / length
        return Blocks(
            length: length,
            count: count,
            chosen: max(1, min(model.compute.indexerTop, count)),
            groups: max(1, model.compute.indexerHeads),
            positions: positions
        )
    }

    /// True where a layer chooses blocks.
    ///
    /// It needs fused attention, and a cache for each conversation.
    func choosesBlocks(_ index: Int) -> Bool {
        guard case .behindDense = row.indexer else { return false }
        let isShared = shape.streams == 1 && shape.sequences > 1
        return model.layers[index].isIndexed && shape.flashAttention && !isShared
    }

    /// Whether each conversation has one token in the batch.
    private var decodes: Bool { tokens == shape.streams }

    /// What the caller fills in for layers that choose blocks.
    mutating func addBlockInputs() {
        guard (0..<model.trunk).contains(where: choosesBlocks) else { return }
        let blocks = blocks
        indexCells = sketch.input(8 * tokens)
        blockInputs = BlockInputs(
            bias: sketch.input(floats(blocks.count, tokens)),
            mask: sketch.input(floats(blocks.positions, tokens)),
            cells: sketch.input(floats(blocks.positions, shape.streams)),
            // From positions to cells once more, as floats, or from cells to blocks.
            places: sketch.input(
                floats(decodes ? blocks.positions : shape.sequenceTokens, shape.streams)
            )
        )
    }

    /// The inputs that layers with blocks share.
    struct BlockInputs {
        var bias: Value
        var mask: Value
        var cells: Value
        var places: Value
    }

    /// A layer's attention to the blocks it chooses.
    mutating func blockAttention(_ index: Int, _ normed: Value) -> Value {
        let key = multiply(index, "indexer.k_proj", normed, rows: tokens) ?? normed
        sketch.store(sketch.reuse(norm(sketch.view(key)), positions), indexCells)
        let parts = projections(index, normed, keysFirst: true)
        cache(index, parts)
        return decodes
            ? gatheredBlocks(index, normed, parts.query) : maskedBlocks(index, normed, parts.query)
    }

    private mutating func indexQuery(_ index: Int, _ normed: Value) -> Value {
        let product = multiply(index, "indexer.q_proj", normed, rows: tokens) ?? normed
        return sketch.reuse(norm(sketch.view(product)), positions)
    }

    /// The best blocks of some tokens, by the scores of their positions.
    private mutating func choose(_ inputs: BlockInputs, _ scores: Value, _ rows: Int64) -> Value {
        let masked = sketch.view(scores, reading: sketch.view(inputs.mask))
        let best = sketch.make(floats(blocks.count, blocks.groups, rows), masked)
        let biased = sketch.reuse(best, sketch.view(inputs.bias))
        return sketch.make(floats(blocks.chosen, blocks.groups, rows), biased)
    }

    /// One token of each conversation: the keys and values of the chosen blocks are gathered.
    private mutating func gatheredBlocks(
        _ index: Int,
        _ normed: Value,
        _ query: Value
    ) -> Value {
        let layer = model.layers[index]
        guard let inputs = blockInputs else { return query }
        let (blocks, count) = (blocks, tokens)
        let keys = sketch.make(floats(model.indexerKey, blocks.positions, count), inputs.cells)
        let search = indexQuery(index, normed)
        let scores = sketch.make(
            floats(blocks.positions, blocks.groups, count),
            sketch.view(keys),
            sketch.view(search)
        )
        let best = choose(inputs, scores, count)
        let chosen = floats(blocks.length, blocks.chosen, blocks.groups * count)
        let first = sketch.reuse(sketch.make(best.bytes, best))
        let spread = sketch.make(chosen, sketch.view(first))
        let steps = sketch.make(floats(blocks.length))
        let tokens = sketch.make(chosen, sketch.view(sketch.reuse(spread, sketch.view(steps))))
        let cells = sketch.make(chosen, sketch.view(inputs.places), tokens)
        let scaled = sketch.make(chosen, sketch.view(cells))
        let groups = sketch.make(floats(blocks.groups))
        let rows = sketch.make(chosen, sketch.view(sketch.reuse(scaled, sketch.view(groups))))
        let key = gathered(floats(layer.keyHead, chosen / 4), rows, shape.keyType)
        let value = gathered(floats(layer.valueHead, chosen / 4), rows, shape.valueType)
        let mask = sketch.make(chosen, sketch.view(inputs.mask), tokens)
        let half = sketch.make(chosen / 2, sketch.view(mask))
        let result = floats(layer.heads * layer.valueHead, count)
        return sketch.view(sketch.make(result, sketch.view(query), key, value, half))
    }

    /// Rows of the cache as floats, and as halves where the cache does not hold floats.
    private mutating func gathered(_ bytes: Int64, _ rows: Value, _ type: CacheType) -> Value {
        let floats = sketch.view(sketch.make(bytes, rows))
        return type == .f32 ? floats : sketch.make(bytes / 2, floats)
    }

    /// Several tokens of each conversation: what was not chosen is masked, one conversation after
    /// the other.
    private mutating func maskedBlocks(_ index: Int, _ normed: Value, _ query: Value) -> Value {
        let layer = model.layers[index]
        guard let inputs = blockInputs else { return query }
        let blocks = blocks
        let cells = shape.sequenceTokens
        let rows = tokens / shape.streams
        let part = floats(layer.heads * layer.valueHead, rows)
        var search: Value?
        var result: Value?
        for stream in 0..<shape.streams {
            let keys = sketch.make(floats(model.indexerKey, blocks.positions), inputs.cells)
            let queries = search ?? indexQuery(index, normed)
            search = queries
            let scores = sketch.make(
                floats(blocks.positions, blocks.groups, rows),
                keys,
                sketch.view(queries)
            )
            let best = choose(inputs, scores, rows)
            let zeros = sketch.view(sketch.reuse(sketch.make(best.bytes, best)))
            let hidden = floats(blocks.count, rows) / 2
            let empty = sketch.make(
                hidden,
                sketch.make(floats(blocks.count, rows), sketch.view(inputs.bias))
            )
            let marks = sketch.make(floats(blocks.count, blocks.groups, rows) / 2, empty)
            let marked = sketch.view(marks, reading: zeros, sketch.view(best))
            let turned = sketch.make(marks.bytes, marked)
            let rowsOfBlocks = sketch.make(marks.bytes, sketch.view(turned))
            let wide = floats(blocks.groups, rows, cells)
            let spread = sketch.make(wide, rowsOfBlocks, inputs.places)
            let all = sketch.make(wide, sketch.view(spread))
            let plain = plainMask ?? sketch.make(floats(cells, tokens), mask)
            plainMask = plain
            let masked = sketch.view(all, reading: sketch.view(plain))
            let half = sketch.make(wide / 2, masked)
            var joined = sketch.make(part, sketch.view(query), half)
            if layer.keyValueHeads > 1, rows > 1 {
                joined = sketch.make(part, sketch.view(joined))
            }
            result =
                result.map { sketch.make(floats(stream + 1, part / 4), $0, sketch.view(joined)) }
                ?? sketch.view(joined)
        }
        return result ?? query
    }
}
