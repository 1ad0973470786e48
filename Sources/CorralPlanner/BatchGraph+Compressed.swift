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
            keyRotation = sketch.input(floats(model.indexerKey, model.indexerKey))
            for (index, ratio) in ratios.enumerated() where ratio == 4 {
                indexZeros[index] = sketch.input(
                    floats(compressedChoices, tokens) / maskScale)
            }
            indexMask = sketch.input(floats(compressedCells(4), tokens) / 2)
            compressedMasks[4] = sketch.input(floats(compressedCells(4), tokens) / maskScale)
        }
        if ratios.contains(128) {
            compressedMasks[128] = sketch.input(
                floats(compressedCells(128), tokens) / maskScale)
        }
    }

    /// DeepSeek V4's attention (`models/deepseek4.cpp`): the window, and before it tokens compressed by
    /// 4, of which an indexer chooses, or by 128.
    mutating func compressedAttention(_ index: Int, _ normed: Value) -> Value {
        let layer = model.layers[index]
        let ratio = model.compression[index]
        let wide = floats(layer.heads, layer.keyHead, tokens)
        if ratio > 0 { compress(index, normed, layer.keyHead, ratio) }
        if ratio == 4 { compress(index, normed, model.indexerKey, ratio) }
        let low = norm(multiply(index, "attn_q_a", normed, rows: tokens) ?? normed)
        let raw = sketch.make(wide, low)
        let query = sketch.reuse(sketch.make(wide, sketch.view(raw)), positions)
        let key = norm(sketch.make(floats(layer.keyHead, tokens), normed))
        sketch.store(sketch.make(key.bytes, sketch.view(key), positions), windowKeyCells)
        let scores = shape.flashAttention ? nil : sketch.make(0)
        let joined = mixedMask(index, normed, low, ratio)
        var result: Value
        if shape.flashAttention {
            result = sketch.make(wide, sketch.view(query), joined.keys, joined.mask, scores)
        } else {
            let cells = windowCells + (ratio > 0 ? compressedCells(ratio) : 0)
            let turned = sketch.make(floats(layer.keyHead, cells, shape.sequences) / 2, joined.keys)
            let weighed = sketch.reuse(
                sketch.make(floats(layer.heads, cells, tokens), sketch.view(query)), joined.mask)
            result = sketch.make(wide, weighed, turned)
            result = sketch.make(wide, sketch.view(result))
        }
        result = sketch.make(wide, sketch.view(result), positions)
        let narrow = floats(weights[index, "attn_output_b"]?.columns ?? 0, tokens)
        let grouped = sketch.make(narrow, sketch.view(result))
        let ordered = sketch.make(narrow, sketch.view(grouped))
        return multiply(index, "attn_output_b", ordered, rows: tokens) ?? ordered
    }

    /// Adds the batch to a compressed cache: what is still uncompressed, with its scores, weighed.
    private mutating func compress(
        _ index: Int, _ normed: Value, _ head: Int64, _ ratio: Int64
    ) {
        let lanes: Int64 = ratio == 4 ? 2 : 1
        let rows = tokens + lanes * ratio * shape.sequences
        let spread = lanes * rows
        let parts = (0..<2).map { _ in
            let part = sketch.make(floats(lanes * head, tokens), normed)
            let scored = sketch.make(part.bytes, part)
            let whole = sketch.make(floats(lanes * head, rows), scored)
            let more = sketch.make(floats(lanes * head, rows), whole)
            let read = sketch.make(floats(lanes * head, spread), more)
            let copy = sketch.make(floats(head, spread), sketch.view(read))
            let turned = sketch.make(floats(head, spread), sketch.view(copy))
            sketch.store(part)
            return turned
        }
        let weighed = sketch.reuse(parts[0], parts[1])
        sketch.store(sketch.make(floats(head, rows / ratio + 1), weighed))
    }

    private mutating func mixedMask(
        _ index: Int, _ normed: Value, _ low: Value, _ ratio: Int64
    ) -> (keys: Value?, mask: Value?) {
        guard ratio > 0, let own = compressedMasks[ratio] else { return (nil, windowMask) }
        let cells = windowCells + compressedCells(ratio)
        let keyBytes = shape.keyType == .f32 ? 4 : 2
        let keys = sketch.make(
            floats(model.layers[index].keyHead, cells, shape.sequences) / 4 * Int64(keyBytes))
        var chosenMask: Value? = own
        if ratio == 4 {
            let zeros = indexZeros[index].map { sketch.reuse($0) }
            let wide = floats(model.compute.indexerHeads, model.indexerKey, tokens)
            let raw = sketch.make(wide, low)
            let turned = sketch.make(wide, sketch.view(raw), positions)
            let queries = sketch.make(wide, sketch.view(turned), keyRotation)
            let shares = sketch.make(floats(model.compute.indexerHeads, tokens), normed)
            let scores = sketch.make(
                floats(compressedCells(4), tokens), sketch.view(queries), shares, indexMask)
            let best = sketch.make(floats(compressedChoices, tokens), scores)
            let rows = sketch.make(floats(compressedChoices, tokens), sketch.view(best))
            let hidden = sketch.make(own.bytes, own)
            sketch.store(zeros, rows)
            chosenMask = sketch.make(own.bytes, sketch.view(hidden), own)
        }
        let mask = sketch.make(floats(cells, tokens) / maskScale, windowMask, chosenMask)
        return (keys, mask)
    }
}
