/// The largest batch of a context as llama.cpp computes it, for the memory it takes.
///
/// The order of operations is that of `llama-graph.cpp` and the architectures' graphs in
/// `src/models` (llama.cpp b11434). Which parts a layer has is told by its weights; what weights
/// cannot tell is in the architecture's row.
struct BatchGraph {
    typealias Value = GraphSketch.Value

    let model: HyperParameters
    let row: Architecture
    let shape: ContextShape
    let weights: TensorShapes
    var sketch = GraphSketch()

    /// The tokens of the batch, and those with an output.
    let tokens: Int64
    let outputs: Int64

    /// The masks of layers without and with a window.
    var mask: Value?
    var windowMask: Value?
    /// Which cells keys and values are written to.
    var keyCells: Value?
    var valueCells: Value?
    var windowKeyCells: Value?
    var windowValueCells: Value?
    /// The rotations of quantized keys and values, by whether a layer has a window.
    var keyRotations: [Bool: Value] = [:]
    var valueRotations: [Bool: Value] = [:]
    /// The cells an indexer's keys are written to, and the rows its choices are marked in.
    var indexCells: Value?
    var indexMask: Value?
    var indexRotation: Value?
    var indexZeros: [Int: Value] = [:]
    var indexShares: [Int: Value] = [:]
    /// What the last indexer chose, for the layers that follow it.
    var chosen: Value?
    var choice: (scores: Value, best: Value)?
    /// The masks of caches of compressed tokens, by how far they are compressed (deepseek4).
    var compressedMasks: [Int64: Value] = [:]
    /// The decay between each two tokens of a batch (minimax-01).
    var decays: Decays?
    /// What layers that choose blocks read, and the mask as floats (minimax-m3).
    var blockInputs: BlockInputs?
    var plainMask: Value?
    /// Which of the chosen tokens count, and the mask of those (glm5-next).
    var gatherMask: Value?
    var sharedMask: Value?
    /// The embeddings that each layer adds for itself (gemma4).
    var layerRows: Value?
    var layerInputs: Value?
    /// The next layer's state of its convolution, where it is gathered early.
    var prefetched: Value?
    /// Where the tokens of a layer go, decided by what the layer reads.
    var earlyRouting: Routing?
    /// What fills the logits beyond those that the output matrix makes.
    var padding: Value?
    /// Gates that stand beside a layer's queries.
    var gate: Value?
    /// What the stream was at earlier layers (kimi-k3).
    var checkpoints = Checkpoints()
    /// The first layer's values, which later layers add (rwkv7).
    var firstValue: Value?
    var positions: Value
    var stateRows: Value?
    var outputRows: Value

    init(
        _ model: HyperParameters,
        _ row: Architecture,
        _ shape: ContextShape,
        _ weights: TensorShapes
    ) {
        self.model = model
        self.row = row
        self.shape = shape
        var weights = weights
        if row.traits.contains(.looped) { weights.repeatLayers(every: model.compute.loopLayers) }
        self.weights = weights
        tokens = shape.graphTokens
        outputs = shape.graphOutputs
        positions = sketch.input(0)
        outputRows = sketch.input(0)
    }

    /// The bytes the batch takes.
    static func bytes(
        _ model: HyperParameters,
        _ row: Architecture,
        _ shape: ContextShape,
        _ weights: TensorShapes
    ) -> Int64 {
        var graph = BatchGraph(model, row, shape, weights)
        graph.build()
        return graph.sketch.peakBytes
    }

    mutating func build() {
        let embeddings = addInputs()
        var stream = embeddings
        prefetch(after: -1)
        if row.traits.contains(.encoderDecoder) || row.flow.contains(.relative) {
            stream = addRelative(stream)
        } else if shiftsTokens {
            stream = addShiftedLayers(stream)
        } else if row.flow.contains(.stacks) {
            stream = addStacks(stream)
        } else {
            for layer in 0..<model.trunk {
                stream = addLayer(layer, stream)
                if endsLoop(layer) { stream = norm(stream) }
            }
        }
        if row.flow.contains(.addsEmbedding) { sketch.store(embeddings) }
        addOutput(stream)
    }

    /// Whether a layer is the last of its model, which then runs again (`models/nanbeige.cpp`).
    private func endsLoop(_ layer: Int) -> Bool {
        row.traits.contains(.looped) && !model.compute.skipsLoopNorm
            && layer + 1 < model.trunk && (layer + 1) % max(1, model.compute.loopLayers) == 0
    }

    /// Two stacks of layers in turn, the slow one after several rounds of the fast one
    /// (`models/hrm-text.cpp`).
    ///
    /// Each turn has caches of its own and the weights of its stack: the fast one's come first.
    private mutating func addStacks(_ embeddings: Value) -> Value {
        let height = max(1, model.compute.stackLayers)
        var slow = embeddings
        var fast: Value?
        var turns = model.trunk / height
        func addStack(_ graph: inout BatchGraph, _ input: Value, from first: Int) -> Value {
            var stream = input
            for index in first..<min(first + height, graph.model.trunk) {
                stream = graph.addLayer(index, stream)
            }
            turns -= 1
            return turns > 0 ? graph.norm(stream) : stream
        }
        while turns > 0 {
            for _ in 0..<max(1, model.compute.fastCycles) {
                fast = addStack(&self, sketch.reuse(slow, fast), from: 0)
            }
            slow = addStack(&self, sketch.reuse(slow, fast), from: min(height, model.trunk - 1))
        }
        return slow
    }

    /// The bytes of floats, bounded so that sums of any number of them stay in range: 64 TiB is
    /// more than any machine has.
    func floats(_ factors: Int64...) -> Int64 {
        var product: Int64 = 4
        for factor in factors {
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard !overflow, next < 1 << 46 else { return 1 << 46 }
            product = next
        }
        return product
    }

    /// The rows of a batch at one place: all tokens, or those with an output.
    typealias Rows = Int64

    /// A matrix product with one of a layer's weights.
    mutating func multiply(
        _ layer: Int,
        _ name: String,
        _ operand: Value,
        rows: Rows
    ) -> Value? {
        guard let weight = weights[layer, name] else { return nil }
        return sketch.make(floats(weight.rows, rows), operand)
    }

    /// A norm of a layer; the value itself where it has none of that name.
    mutating func norm(_ layer: Int, _ name: String, _ value: Value) -> Value {
        let isPlain =
            row.flow.contains(.plainNorms) && (name == "attn_norm" || name == "ffn_norm")
        return weights[layer, name] != nil || isPlain ? norm(value) : value
    }

    /// A norm.
    ///
    /// The mean-free kind can take its operand's place, the other not.
    mutating func norm(_ value: Value) -> Value {
        row.flow.contains(.meanNorm) ? sketch.make(value.bytes, value) : sketch.reuse(value)
    }

    /// The rows of a value that have an output.
    mutating func select(_ value: Value, _ width: Int64) -> Value {
        sketch.make(floats(width, outputs), value, outputRows)
    }
}
