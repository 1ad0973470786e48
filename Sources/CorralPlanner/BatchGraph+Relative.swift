extension BatchGraph {
    /// The layers of a model that tells places by a bias for each two tokens (`models/t5.cpp`): the
    /// decoder, which also attends to what its encoder made, or the encoder alone.
    mutating func addRelative(_ embeddings: Value) -> Value {
        let decodes = row.traits.contains(.encoderDecoder)
        let count = decodes ? model.compute.decoderLayers : model.trunk
        let cells = decodes ? shape.sequenceTokens : tokens
        let places = sketch.input(4 * cells * tokens)
        let encoded = decodes ? sketch.input(floats(model.embedding, model.trainingContext)) : nil
        let encodedMask =
            decodes ? sketch.input(floats(model.trainingContext, tokens) / maskDivisor) : nil
        var stream = embeddings
        for index in 0..<count {
            let base = "\(decodes ? "dec" : "enc").blk.\(index)."
            let normed = norm(stream)
            var joined = relativeAttention(index, base + "attn", normed, cells, places)
            if let encoded {
                stream = sketch.reuse(joined, stream)
                joined = crossAttention(index, base, norm(stream), encoded, encodedMask)
            }
            let isLast = index == count - 1
            if isLast {
                joined = select(joined, model.embedding)
                stream = select(stream, model.embedding)
            }
            let residual = sketch.reuse(joined, stream)
            let result = part(base, norm(residual), rows: isLast ? outputs : tokens)
            stream = sketch.reuse(result, residual)
        }
        return stream
    }

    private var maskDivisor: Int64 { shape.flashAttention ? 2 : 1 }

    private mutating func multiply(_ name: String, _ operand: Value, rows: Rows) -> Value {
        sketch.make(floats(weights[name]?.rows ?? model.embedding, rows), operand)
    }

    private mutating func relativeAttention(
        _ index: Int,
        _ base: String,
        _ normed: Value,
        _ cells: Int64,
        _ places: Value
    ) -> Value {
        let layer = model.layers[min(index, model.layers.count - 1)]
        var query = sketch.view(multiply(base + "_q", normed, rows: tokens))
        let rotations = holdsCache ? rotations(min(index, model.layers.count - 1)) : (nil, nil)
        query = spread(query, rotations.0)
        let (key, value): (Value, Value)
        if holdsCache {
            value = spread(
                sketch.view(multiply(base + "_v", normed, rows: tokens)),
                rotations.1
            )
            key = spread(sketch.view(multiply(base + "_k", normed, rows: tokens)), rotations.0)
        } else {
            key = sketch.view(multiply(base + "_k", normed, rows: tokens))
            value = sketch.view(multiply(base + "_v", normed, rows: tokens))
        }
        for part in [query, value, key] { sketch.expand(part) }
        if holdsCache {
            sketch.store(key, keyCells)
            sketch.store(value, valueCells)
        }
        var turned: Value?
        if !holdsCache {
            turned = sketch.make(value.bytes, sketch.view(value))
        } else if shape.flashAttention {
            // The cache keeps values as fused attention reads them, which this is not.
            turned = sketch.make(
                floats(shape.valueType.rowBytes(layer.valueWidth), cells, shape.streams) / 4
            )
        }
        let pairs = floats(layer.heads, cells, tokens)
        var scores = sketch.make(pairs, holdsCache ? nil : key, sketch.view(query))
        let rows = sketch.make(pairs, sketch.view(places))
        scores = sketch.reuse(scores, sketch.make(pairs, sketch.view(rows)))
        scores = sketch.reuse(scores, mask)
        let result = floats(layer.heads, layer.valueHead, tokens)
        let joined = sketch.make(result, turned, scores)
        let ordered = sketch.make(result, sketch.view(joined))
        sketch.expand(ordered)
        return multiply(base + "_o", spread(ordered, rotations.1), rows: tokens)
    }

    private mutating func crossAttention(
        _ index: Int,
        _ base: String,
        _ normed: Value,
        _ encoded: Value,
        _ mask: Value?
    ) -> Value {
        let layer = model.layers[min(index, model.layers.count - 1)]
        let length = model.trainingContext
        let query = sketch.view(multiply(base + "cross_attn_q", normed, rows: tokens))
        let key = sketch.view(multiply(base + "cross_attn_k", encoded, rows: length))
        let value = sketch.view(multiply(base + "cross_attn_v", encoded, rows: length))
        for part in [query, key, value] { sketch.expand(part) }
        let result = floats(layer.heads, layer.valueHead, tokens)
        let ordered: Value
        if shape.flashAttention {
            let keys = sketch.make(floats(layer.keyWidth, length) / 2, sketch.view(key))
            let values = sketch.make(floats(layer.valueWidth, length) / 2, sketch.view(value))
            ordered = sketch.view(sketch.make(result, sketch.view(query), keys, values, mask))
        } else {
            let turned = sketch.make(value.bytes, sketch.view(value))
            let pairs = floats(layer.heads, length, tokens)
            var scores = sketch.make(pairs, sketch.view(key), sketch.view(query))
            scores = sketch.reuse(scores, mask)
            ordered = sketch.make(result, sketch.view(sketch.make(result, turned, scores)))
        }
        sketch.expand(ordered)
        return multiply(base + "cross_attn_o", ordered, rows: tokens)
    }

    private mutating func part(_ base: String, _ normed: Value, rows: Rows) -> Value {
        let up = multiply(base + "ffn_up", normed, rows: rows)
        let inner: Value
        if weights[base + "ffn_gate"] != nil {
            let gate = multiply(base + "ffn_gate", normed, rows: rows)
            inner = sketch.make(up.bytes, gate, up)
        } else {
            inner = sketch.reuse(up)
        }
        return multiply(base + "ffn_down", inner, rows: rows)
    }
}
