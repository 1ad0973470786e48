internal import CorralMemory

/// The memory a batch is computed in, in closed form.
struct ComputeEstimate {
    let model: HyperParameters
    let row: Architecture
    let shape: ContextShape

    var bytes: ByteCount {
        let T = shape.graphTokens
        let e: Int64 = 4
        let E = model.embedding
        let c = model.compute
        let hasCache: Bool = if case .none = row.memory { false } else { row.recurrence.hasAttention }
        let maskBytes: Int64 = shape.flashAttention ? 2 : 4
        let cells = hasCache ? shape.sequenceTokens : T
        var mask = ByteCount(cells) * T * maskBytes
        if model.window > 0 {
            mask += ByteCount(hasCache ? shape.windowCells(model.window, isShared: shape.streams == 1) : T) * T * maskBytes
        }
        let base = ByteCount(7 * E) * T * e
        var ffn = ByteCount.zero
        var att = ByteCount.zero
        for layer in model.layers {
            ffn = max(ffn, ByteCount(3 * layer.feedForward) * T * e)
            let used = layer.expertsUsed
            let FE = layer.expertFeedForward > 0 ? layer.expertFeedForward : layer.feedForward
            if c.experts > 0 {
                ffn = max(ffn, ByteCount(max(3 * FE, FE + 2 * E) * used) * T * e)
            }
            let width = layer.heads * layer.keyHead + 2 * layer.keyWidth + layer.heads * layer.valueHead
            var a = ByteCount(2 * width) * T * e
            if !shape.flashAttention { a += ByteCount(layer.heads) * cells * T * e * 2 }
            att = max(att, a)
        }
        let ssm = ByteCount(8 * c.innerState) * T * e
        let out = ByteCount(model.vocabulary) * shape.graphOutputs * e
        return mask + base + max(max(ffn, att), max(ssm, out)) + .mebibytes(1)
    }
}

extension Architecture.Recurrence {
    /// False where every layer is recurrent and none attends.
    var hasAttention: Bool { if case .all = self { false } else { true } }
}
