extension BatchGraph {
    /// What the caller fills in before a batch, and the embeddings of its tokens
    /// (`build_inp_embd`, `build_attn_inp_kv` and their like).
    mutating func addInputs() -> Value {
        let width = model.embedding
        let ids = sketch.input(4 * tokens)
        sketch.expand(ids)
        // A batch may bring vectors instead of tokens, and does not have to choose.
        sketch.expand(sketch.input(floats(width, tokens)))
        var mixed: (ids: Value, slots: Value, vectors: Value)?
        if !row.flow.contains(.tokensOrVectors) {
            mixed = (
                sketch.input(4 * tokens), sketch.input(8 * tokens),
                sketch.input(floats(width, tokens))
            )
            for input in [mixed?.ids, mixed?.slots, mixed?.vectors] { sketch.expand(input) }
        }
        let recurrentFirst = model.layers.first?.isRecurrent == true
        if recurrentFirst { stateRows = sketch.input(4 * shape.sequences) }
        if hasRotary || weights["position_embd"] != nil {
            positions = sketch.input(4 * tokens * (row.flow.contains(.fourPositions) ? 4 : 1))
        }
        addMasks()
        if !recurrentFirst, model.layers.contains(where: \.isRecurrent) {
            stateRows = sketch.input(4 * shape.sequences)
        }
        outputRows = sketch.input(4 * outputs)

        var stream = sketch.make(floats(width, tokens), ids)
        if let mixed {
            let rows = sketch.make(floats(width, tokens), mixed.ids)
            let copy = sketch.make(floats(width, tokens), mixed.vectors)
            sketch.store(rows, mixed.slots, copy)
            // The result is a view that nothing reads, so its memory is never given back.
            sketch.keep(copy)
        }
        if row.flow.contains(.scaledTokens) {
            stream = sketch.reuse(stream, sketch.input(4 * tokens))
        }
        if weights["position_embd"] != nil {
            let places = sketch.make(floats(width, tokens), positions)
            stream = sketch.reuse(stream, places)
        }
        if let table = weights["per_layer_token_embd"] {
            let rows = sketch.make(floats(table.columns, tokens), sketch.input(4 * tokens))
            layerRows = sketch.make(floats(table.columns, tokens), sketch.view(rows))
            layerInputs = stream
        }
        if weights["token_types"] != nil { stream = sketch.reuse(stream) }
        if weights["token_embd_norm"] != nil, !shiftsTokens,
            !row.traits.contains(.embeddingNormIsOutput)
        {
            stream = norm(stream)
        }
        if row.flow.contains(.plainEmbeddingNorm) { stream = norm(stream) }
        return stream
    }

    private mutating func addMasks() {
        // Fused attention reads halves.
        let halves: Int64 = shape.flashAttention ? 1 : 2
        guard holdsCache else {
            let bytes = floats(tokens, tokens) / 2 * halves
            let trunk = model.layers.prefix(model.trunk)
            if trunk.contains(where: { !$0.isWindowed }) { mask = sketch.input(bytes) }
            if trunk.contains(where: \.isWindowed) { windowMask = sketch.input(bytes) }
            return
        }
        guard row.recurrence.hasAttention else { return }
        let widest = model.layers.map(\.valueWidth).max() ?? 0
        let valueCellBytes = shape.flashAttention ? 8 * tokens : floats(2, tokens, widest)
        let attending = model.layers.prefix(model.trunk).filter {
            !$0.isRecurrent || row.recurrence.isBeside
        }
        let masks = (
            full: floats(shape.sequenceTokens, tokens) / 2 * halves,
            window: floats(windowCells, tokens) / 2 * halves
        )
        let isKeyOnly = if case .compressed = row.memory { true } else { model.isLatent }
        // Inputs that nothing reads are not allocated.
        if attending.contains(where: { !$0.isWindowed }) {
            keyCells = sketch.input(8 * tokens)
            valueCells = isKeyOnly ? nil : sketch.input(valueCellBytes)
            mask = sketch.input(masks.full)
        }
        if attending.contains(where: \.isWindowed) {
            windowKeyCells = sketch.input(8 * tokens)
            windowValueCells = isKeyOnly ? nil : sketch.input(valueCellBytes)
            windowMask = sketch.input(masks.window)
        }
        addRotations()
        addIndexInputs()
        addSpecialInputs()
    }

    /// Quantized keys and values are spread by Hadamard matrices, of the layers without and with a
    /// window (`llama_kv_cache::llama_kv_cache`).
    private mutating func addRotations() {
        guard !model.isLatent else { return }
        // Windows beside recurrent layers have none (`build_inp_mem_hybrid_iswa`).
        if case .attention = row.window, model.window > 0 { return }
        for isWindowed in [false, true] {
            let fits = model.layers.first { $0.keyHead > 0 && $0.isWindowed == isWindowed }
            guard let layer = fits else { continue }
            if shape.keyType.isQuantized, layer.keyHead % 64 == 0 {
                var side: Int64 = 64
                while layer.keyHead % (2 * side) == 0 { side *= 2 }
                keyRotations[isWindowed] = sketch.input(floats(side, side))
            }
            if case .compressed = row.memory { continue }
            if shape.valueType.isQuantized, layer.valueHead % 64 == 0 {
                valueRotations[isWindowed] = sketch.input(floats(64, 64))
            }
        }
    }

    var hasRotary: Bool {
        // Baichuan's models of 7 billion weights, which have 32 layers, are the only ones with it.
        let isOf32 = !row.flow.contains(.rotaryOf32Layers) || model.layers.count == 32
        return !row.flow.contains(.noRotary) && isOf32
    }

    /// Whether a layer's queries and keys get a rotary embedding.
    func hasRotary(_ index: Int) -> Bool {
        guard hasRotary else { return false }
        if row.flow.contains(.rotaryInWindow), model.window > 0 {
            return model.layers[index].isWindowed
        }
        if row.flow.contains(.rotaryInLead) {
            return model.layers[index].isWindowed || index < Int(model.compute.denseLead)
        }
        if row.flow.contains(.rotaryButFourth) {
            // Without a window llama4 leaves out the last layer alone.
            let isOne = row.name == "llama4" && model.window == 0
            return (index + 1) % (isOne ? model.trunk : 4) != 0
        }
        if row.flow.contains(.rotaryButFirst), model.window > 0 {
            // A model of four layers is taken for one without such layers (`smallthinker.cpp`).
            return model.trunk == 4 || index % 4 != 0
        }
        return true
    }

    var holdsCache: Bool {
        if row.flow.contains(.uncached) { return false }
        return if case .none = row.memory { false } else { true }
    }

    var windowCells: Int64 {
        shape.windowCells(model.window, isShared: shape.streams == 1)
    }

    /// The last norm, the product with the vocabulary, and the vectors that are returned.
    mutating func addOutput(_ stream: Value) {
        var stream = stream
        if row.flow.contains(.lanes) {
            let lanes = select(stream, model.embedding * max(1, model.compute.hyperConnections))
            stream = joinLanes(lanes)
        }
        if row.flow.contains(.mixesCheckpoints) {
            stream = select(mixCheckpoints(stream), model.embedding)
        }
        if row.flow.contains(.selectsStream) {
            sketch.keep(stream)
            stream = select(stream, model.embedding)
        }
        var result =
            weights["output_norm"] == nil && !row.flow.contains(.plainNorms)
            ? stream : norm(stream)
        if row.flow.contains(.selectsLast), !row.flow.contains(.outputsAll) {
            if !row.flow.contains(.stacks) { sketch.keep(result) }
            result = select(result, model.embedding)
        }
        if row.flow.contains(.projectsVectors), let projection = weights["cls.output"] {
            let product = sketch.make(floats(projection.rows, outputs), result)
            sketch.keep(product)
            sketch.expand(product)
        } else {
            sketch.keep(result)
        }
        if hasLogits {
            let rows = row.flow.contains(.outputsAll) ? tokens : outputs
            let product =
                padding != nil
                ? sketch.make(floats(codecLogits, rows), result) : nil
            let logits = sketch.make(floats(model.vocabulary, rows), padding, product ?? result)
            sketch.keep(logits)
            sketch.expand(logits)
        }
        addPooling(result)
    }

    /// The logits of a codec's head, as many as it has rows (`models/qwen3vl.cpp`).
    var codecLogits: Int64 { weights["output"]?.rows ?? model.vocabulary }

    private var hasLogits: Bool {
        if row.flow.contains(.noLogits) { return false }
        if row.flow.contains(.vectorsAlone), shape.embeddings { return false }
        return weights["output"] != nil || !row.traits.contains(.untied)
            || row.flow.contains(.embeddingIsOutput)
    }

    /// One vector or score for each sequence (`build_pooling`).
    private mutating func addPooling(_ result: Value) {
        let pooling = model.compute.pooling
        guard shape.embeddings, pooling > 0 else { return }
        let width = floats(model.embedding, shape.sequences)
        var pooled: Value
        let isMean = pooling == 1 || (pooling == 4 && model.compute.classifierPooling == 1)
        if isMean {
            let shares = sketch.input(floats(tokens, shape.sequences))
            let turned = sketch.make(result.bytes, sketch.view(result))
            pooled = sketch.make(width, turned, shares)
        } else {
            pooled = sketch.make(width, result, sketch.input(4 * shape.sequences))
        }
        if pooling == 4 {
            if let inner = weights["cls"] {
                pooled = sketch.make(floats(inner.rows, shape.sequences), pooled)
                pooled = sketch.reuse(pooled)
                if weights["cls.norm"] != nil { pooled = sketch.make(pooled.bytes, pooled) }
            }
            if let output = weights["cls.output"] {
                pooled = sketch.make(floats(output.rows, shape.sequences), pooled)
            }
        }
        sketch.keep(pooled)
        sketch.expand(pooled)
    }
}
