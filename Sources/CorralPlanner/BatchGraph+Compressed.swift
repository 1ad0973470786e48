extension BatchGraph {
    /// The cells of tokens compressed by `ratio`, of each stream (`dsv4_comp_size`).
    private func compressedCells(_ ratio: Int64) -> Int64 {
        max(1, (shape.sequenceTokens + ratio - 1) / ratio).padded(to: 256)
    }

    private var maskScale: Int64 { shape.flashAttention ? 2 : 1 }

    private var compressedChoices: Int64 {
        max(1, min(model.compute.indexerTop, compressedCells(4)))
    }

    /// Masks of DeepSeek V4's compressed caches, and its indexers' rows of zeros.
    mutating func addCompressedInputs() {
        let ratios = model.compression.prefix(model.trunk)
        if ratios.contains(4) {
            indexRotation = sketch.input(floats(model.indexerKey, model.indexerKey))
            for (index, ratio) in ratios.enumerated() where ratio == 4 {
                indexZeros[index] = sketch.input(
                    floats(compressedChoices, tokens) / maskScale
                )
            }
            indexMask = sketch.input(floats(compressedCells(4), tokens) / 2)
            compressedMasks[4] = sketch.input(floats(compressedCells(4), tokens) / maskScale)
        }
        if ratios.contains(128) {
            compressedMasks[128] = sketch.input(
                floats(compressedCells(128), tokens) / maskScale
            )
        }
    }

    /// DeepSeek V4's attention (`models/deepseek4.cpp`): the window, and before it tokens
    /// compressed by 4, of which an indexer chooses, or by 128.
    mutating func compressedAttention(_ index: Int, _ normed: Value) -> Value {
        let layer = model.layers[index]
        let ratio = model.compression[index]
        let keyRotation = rotations(index).keys
        let wide = floats(layer.heads, layer.keyHead, tokens)
        if ratio > 0 { compress(normed, layer.keyHead, ratio) }
        if ratio == 4 { compress(normed, model.indexerKey, ratio) }
        let low = norm(multiply(index, "attn_q_a", normed, rows: tokens) ?? normed)
        let raw = sketch.make(wide, low)
        let query = spread(
            sketch.reuse(sketch.make(wide, sketch.view(raw)), positions),
            keyRotation
        )
        let key = norm(sketch.make(floats(layer.keyHead, tokens), normed))
        let placed = sketch.make(key.bytes, sketch.view(key), positions)
        sketch.store(spread(placed, keyRotation), windowKeyCells)

        let cells = windowCells + (ratio > 0 ? compressedCells(ratio) : 0)
        let keyBytes = floats(shape.keyType.rowBytes(layer.keyHead), cells, shape.sequences) / 4
        let keys = ratio > 0 ? sketch.make(keyBytes) : nil
        var result: Value
        if shape.flashAttention {
            var copies: (Value?, Value?) = (nil, nil)
            if shape.keyType == .f32 {
                copies.0 = sketch.make(keyBytes / 2, keys)
                copies.1 = sketch.make(keyBytes / 2, keys)
            }
            let mask = mixedMask(index, normed, low, ratio)
            result = sketch.make(wide, sketch.view(query), keys, copies.0, copies.1, mask)
        } else {
            let turned = sketch.make(keyBytes, keys)
            let scores = sketch.make(
                floats(layer.heads, cells, tokens),
                sketch.view(query),
                keys
            )
            let weighed = sketch.reuse(scores, mixedMask(index, normed, low, ratio))
            result = sketch.make(wide, weighed, turned)
            result = sketch.make(wide, sketch.view(result))
        }
        result = sketch.make(wide, sketch.view(spread(result, keyRotation)), positions)
        let narrow = floats(weights[index, "attn_output_b"]?.columns ?? 0, tokens)
        let grouped = sketch.make(narrow, sketch.view(result))
        let ordered = sketch.make(narrow, sketch.view(grouped))
        return multiply(index, "attn_output_b", ordered, rows: tokens) ?? ordered
    }

    /// Adds the batch to a compressed cache: what is still uncompressed, weighed by its scores.
    ///
    /// A ratio of 4 compresses each block with the one before.
    private mutating func compress(_ normed: Value, _ head: Int64, _ ratio: Int64) {
        let lanes: Int64 = ratio == 4 ? 2 : 1
        let blocks = tokens / ratio + shape.sequences
        let width = lanes * head
        let part = sketch.make(floats(width, tokens), normed)
        let values = window(part, head, blocks, ratio)
        let gate = sketch.make(floats(width, tokens), normed)
        let scored = sketch.reuse(gate, sketch.make(gate.bytes))
        let scores = window(scored, head, blocks, ratio)
        let weighed = sketch.reuse(values, sketch.reuse(scores))
        let sum = sketch.make(floats(head, blocks), weighed)
        sketch.store(sketch.reuse(sketch.make(sum.bytes, sketch.view(sum))))
        let kept = min(tokens, lanes * ratio * shape.sequences)
        for source in [part, scored] { sketch.store(sketch.make(floats(width, kept), source)) }
    }

    /// What is compressed into a number of blocks, turned.
    private mutating func window(
        _ part: Value,
        _ head: Int64,
        _ blocks: Int64,
        _ ratio: Int64
    ) -> Value {
        let lanes: Int64 = ratio == 4 ? 2 : 1
        let width = lanes * head
        let rows = tokens + lanes * ratio * shape.sequences
        var all = sketch.make(floats(width, rows), part)
        if lanes == 2 {
            let empty = sketch.make(floats(width))
            all = sketch.make(floats(width, rows + 1), all, empty)
        }
        var read = sketch.make(floats(width, lanes * ratio * blocks), all)
        if lanes == 2 {
            let half = floats(head, ratio * blocks)
            let before = sketch.make(half, sketch.view(read))
            let now = sketch.make(half, sketch.view(read))
            read = sketch.make(2 * half, sketch.view(before), sketch.view(now))
        }
        return sketch.make(read.bytes, sketch.view(read))
    }

    /// The mask of the window and of what was compressed.
    private mutating func mixedMask(
        _ index: Int,
        _ normed: Value,
        _ low: Value,
        _ ratio: Int64
    ) -> Value? {
        guard ratio > 0, let own = compressedMasks[ratio] else { return windowMask }
        var chosenMask: Value? = own
        if ratio == 4 {
            let zeros = indexZeros[index].map { sketch.reuse($0) }
            let wide = floats(model.compute.indexerHeads, model.indexerKey, tokens)
            let raw = sketch.make(wide, low)
            let turned = sketch.make(wide, sketch.view(raw), positions)
            let queries = sketch.make(wide, sketch.view(turned), indexRotation)
            let shares = sketch.reuse(
                sketch.make(floats(model.compute.indexerHeads, tokens), normed)
            )
            let scores = sketch.make(
                floats(compressedCells(4), tokens),
                sketch.view(queries),
                shares,
                indexMask
            )
            let best = sketch.make(floats(compressedChoices, tokens), scores)
            let rows = sketch.make(floats(compressedChoices, tokens), sketch.view(best))
            let hidden = sketch.make(own.bytes, own)
            sketch.store(zeros, rows)
            chosenMask = sketch.make(own.bytes, sketch.view(hidden), own)
        }
        let cells = windowCells + compressedCells(ratio)
        return sketch.make(floats(cells, tokens) / maskScale, windowMask, chosenMask)
    }
}
