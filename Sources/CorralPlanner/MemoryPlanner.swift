internal import CorralMemory

/// Predicts how much memory a model takes, from its metadata alone and from what live processes of
/// it were found to hold.
///
/// Weights, caches, states and the output buffer are computed as llama.cpp b11434 computes them;
/// the compute buffer is what ggml's allocator would reserve for a sketch of the largest batch, and
/// a margin. A plan takes well under five milliseconds.
public struct MemoryPlanner: Sendable {
    /// The model planned for.
    public let model: ModelDescription

    /// What was measured of it; nothing unless given.
    public let corrections: ModelCorrections

    /// Prepares plans for a model.
    ///
    /// - Parameters:
    ///   - model: What its file says.
    ///   - corrections: What live processes of it were found to hold.
    public init(_ model: ModelDescription, corrections: ModelCorrections = .none) {
        self.model = model
        self.corrections = corrections
    }

    /// The same without measurements: what a measurement is compared with.
    public var uncorrected: MemoryPlanner { MemoryPlanner(model) }

    /// Plans one way of loading the model.
    ///
    /// - Parameter options: How it is loaded.
    /// - Returns: An upper bound on every part.
    /// - Throws: Where llama.cpp would refuse the options.
    public func plan(_ options: LoadOptions) throws(PlanError) -> MemoryPlan {
        let placed = Placement(model, options)
        return try plan(options, placed)
    }

    /// What does not depend on the context.
    struct Placement {
        var map: DeviceMap
        var weights: WeightPlacement

        init(_ model: ModelDescription, _ options: LoadOptions) {
            map = DeviceMap(layers: model.parameters.layers.count, options)
            weights = WeightPlacement(model.weights, model.parameters, model.row, map, options)
        }
    }

    func plan(_ options: LoadOptions, _ placed: Placement) throws(PlanError) -> MemoryPlan {
        try computed(options, placed).corrected(by: corrections, options)
    }

    private func computed(
        _ options: LoadOptions,
        _ placed: Placement
    ) throws(PlanError) -> MemoryPlan {
        let parameters = model.parameters
        let shape = try ContextShape(options.context, parameters, model.row)
        let map = placed.map
        let sizes = CacheSizes(
            parameters,
            model.row,
            shape,
            map,
            offloads: options.offloadsCache
        )
        let compute = ComputeEstimate(description: model, shape: shape).bytes
        let known: MemoryPlan.Source = model.isKnownArchitecture ? .exact : .closedForm

        func buffer(
            _ name: String,
            _ domain: MemoryDomain,
            device: Int?,
            isCompute: Bool
        ) -> MemoryPlan.Buffer {
            let holdsContext = name != WeightPlacement.repacked
            return MemoryPlan.Buffer(
                name: name,
                domain: domain,
                weights: .init(placed.weights.buffers[name] ?? .zero, known),
                cache: .init(holdsContext ? sizes.cache[device] ?? .zero : .zero, known),
                recurrent: .init(holdsContext ? sizes.recurrent[device] ?? .zero : .zero, known),
                compute: .init(isCompute ? compute : .zero, isCompute ? .closedForm : .exact)
            )
        }
        var buffers = [buffer(WeightPlacement.host, .host, device: nil, isCompute: true)]
        if placed.weights.buffers[WeightPlacement.repacked] != nil {
            buffers.append(
                buffer(WeightPlacement.repacked, .host, device: nil, isCompute: false)
            )
        }
        for (index, accelerator) in options.accelerators.enumerated()
        where map.devices.contains(index) {
            buffers.append(
                buffer(accelerator.bufferName, accelerator.domain, device: index, isCompute: true)
            )
        }

        let host = HostOverhead(model, shape, options, isOnHost: true)
        let isMapped = options.loadMode == .mapped
        let plain = placed.weights.buffers[WeightPlacement.host] ?? .zero
        return MemoryPlan(
            contextTokens: Int(shape.contextTokens),
            contextTokensPerSequence: Int(shape.sequenceTokens),
            sequences: Int(shape.sequences),
            flashAttention: shape.flashAttention,
            buffers: buffers,
            output: .init(output(shape, rows: shape.sequences), known),
            outputGrowth: .init(
                shape.embeddings
                    ? output(shape, rows: max(shape.sequences, shape.outputs))
                        - output(shape, rows: shape.sequences) : .zero,
                known
            ),
            hostHeap: .init(host.heap, .closedForm),
            workBuffer: .init(host.workBuffer, .closedForm),
            process: .init(host.process, .closedForm),
            promptCache: .init(options.promptCacheLimit, .exact),
            checkpoints: .init(
                checkpoint(shape, options) * Int64(max(0, options.contextCheckpoints))
                    * shape.sequences,
                known
            ),
            projector: options.projector.map { .init($0.total, .closedForm) } ?? .none,
            projectorDomain: options.projectorDomain,
            checkpoint: checkpoint(shape, options),
            maskRow: buffers.contains { $0.domain != .host } ? .zero : maskRow(shape),
            filledTokens: Int(shape.batch),
            fileBacked: isMapped ? placed.weights.mapped : placed.weights.alwaysMapped,
            mappedInPlace: isMapped ? plain : placed.weights.alwaysMapped,
            isConservative: !model.isKnownArchitecture
        )
    }

    /// A token's row of the mask of layers without a window: llama.cpp makes place for all of the
    /// context, and fills in what a batch can see (`llama_kv_cache::get_n_kv`).
    private func maskRow(_ shape: ContextShape) -> ByteCount {
        if case .none = model.row.memory { return .zero }
        let isMasked = model.parameters.layers.contains { !$0.isRecurrent && !$0.isWindowed }
        guard isMasked, model.row.recurrence.hasAttention else { return .zero }
        return ByteCount(shape.flashAttention ? 2 : 4) * shape.graphTokens
    }

    /// The buffer for logits and embeddings (`llama_context::output_reserve`): every output has
    /// logits, wanted or not.
    private func output(_ shape: ContextShape, rows: Int64) -> ByteCount {
        let width =
            model.parameters.vocabulary + (shape.embeddings ? model.parameters.outputEmbedding : 0)
        return ByteCount(width) * rows * 4
    }

    /// The state kept of a conversation: the windows' visible tokens, and the recurrent state
    /// (`llama_kv_cache::state_write`).
    private func checkpoint(_ shape: ContextShape, _ options: LoadOptions) -> ByteCount {
        let parameters = model.parameters
        guard options.contextCheckpoints > 0, options.role == .chat else { return .zero }
        var one = ByteCount.zero
        let tokens = min(parameters.window, shape.sequenceTokens)
        for layer in parameters.layers where layer.isWindowed && layer.isCached {
            let value = parameters.isLatent ? 0 : shape.valueType.rowBytes(layer.valueWidth)
            one += ByteCount(shape.keyType.rowBytes(layer.keyWidth) + value) * tokens
        }
        let states = parameters.layers.count(where: \.isRecurrent)
        one +=
            ByteCount(parameters.convolutionState + parameters.recurrentState) * 4 * Int64(states)
        return one
    }
}
