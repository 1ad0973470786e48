extension Architecture.Window {
    /// Marks the layers that have a window, and gives them their own head widths.
    ///
    /// - Returns: The window's length in tokens, 0 where no layer has one.
    func mark(
        _ layers: inout [HyperParameters.Layer],
        trunk: Int,
        _ reader: MetadataReader
    ) throws(PlanError) -> Int64 {
        guard let size, let length = try size.length(reader, layers: trunk) else { return 0 }
        let listed = try reader.flags("attention.sliding_window_pattern", layers: layers.count)
        var flags = Array(repeating: false, count: layers.count)
        switch self {
        case .none, .attention: break
        case .all: flags = Array(repeating: true, count: layers.count)
        case .listed:
            guard let listed else {
                throw reader.missing(reader.key("attention.sliding_window_pattern"))
            }
            flags = listed
        case .denseLast(let period, _), .denseFirst(let period, _):
            if let listed {
                flags = listed
                break
            }
            let given = try reader.optional(
                "attention.sliding_window_pattern",
                in: HyperParameters.countBound
            )
            let every = Int(given ?? Int64(period))
            for index in 0..<trunk {
                // A period of 0 gives every layer a window (`set_swa_pattern`).
                flags[index] = every == 0 || index % every != dense(every)
            }
        }
        let key = try reader.optional("attention.key_length_swa", in: HyperParameters.headBound)
        let value = try reader.optional("attention.value_length_swa", in: HyperParameters.headBound)
        for index in layers.indices where flags[index] {
            layers[index].isWindowed = true
            layers[index].keyHead = key ?? layers[index].keyHead
            layers[index].valueHead = value ?? layers[index].valueHead
        }
        return length
    }

    /// Which layer of each period sees everything.
    private func dense(_ period: Int) -> Int {
        if case .denseFirst = self { 0 } else { period - 1 }
    }

    private var size: Architecture.Size? {
        switch self {
        case .none: nil
        case .denseLast(_, let size), .denseFirst(_, let size), .listed(let size),
            .attention(let size), .all(let size):
            size
        }
    }
}

extension Architecture.Size {
    /// The window's length in tokens; `nil` where the model has none.
    func length(_ reader: MetadataReader, layers: Int) throws(PlanError) -> Int64? {
        let name = "attention.sliding_window"
        let given = try reader.optional(name, in: HyperParameters.countBound)
        switch self {
        case .required:
            guard let given else { throw reader.missing(reader.key(name)) }
            return given
        case .optional: return given.flatMap { $0 > 0 ? $0 : nil }
        case .otherwise(let length): return given ?? length
        case .fixedIfPositive(let length): return (given ?? 0) > 0 ? length : nil
        case .fixedUnlessZero(let length): return given == 0 ? nil : length
        case .otherwiseIn(let count, let length): return layers == count ? given ?? length : nil
        }
    }
}

extension Architecture.Recurrence {
    /// Marks the layers that carry a recurrent state.
    func mark(
        _ layers: inout [HyperParameters.Layer],
        trunk: Int,
        _ reader: MetadataReader
    ) throws(PlanError) {
        switch self {
        case .none: break
        case .all, .beside:
            for index in layers.indices { layers[index].isRecurrent = true }
        case .headless:
            for index in 0..<trunk { layers[index].isRecurrent = layers[index].keyValueHeads == 0 }
        case .bare:
            for index in 0..<trunk {
                layers[index].isRecurrent =
                    layers[index].keyValueHeads == 0 && layers[index].feedForward == 0
            }
        case .allButEach(let interval):
            let named = try reader.perLayer(
                "attention.recurrent_layers",
                layers: layers.count,
                in: 0...1
            )
            let every = try reader.optional(
                "full_attention_interval",
                in: 1...HyperParameters.layerBound.upperBound
            )
            for index in layers.indices {
                layers[index].isRecurrent =
                    named.map { $0[index] != 0 }
                    ?? (index < trunk && (Int64(index) + 1) % (every ?? interval) != 0)
            }
        }
    }
}

extension Architecture.State {
    /// The elements of one layer's state for one sequence: of its convolutions, and of the rest.
    func sizes(
        _ reader: MetadataReader,
        embedding: Int64,
        layer: HyperParameters.Layer
    ) throws(PlanError) -> (Int64, Int64) {
        let width = HyperParameters.widthBound
        let small = HyperParameters.headBound
        switch self {
        case .none: return (0, 0)
        case .mamba, .mamba2:
            let kernel = try reader.required("ssm.conv_kernel", in: 0...1024)
            let inner = try reader.required("ssm.inner_size", in: width)
            let state = try reader.required("ssm.state_size", in: small)
            let groups: Int64 =
                if case .mamba = self { 0 } else { try reader.number("ssm.group_count", in: small) }
            return (max(0, kernel - 1) * (inner + 2 * groups * state), state * inner)
        case .rwkv:
            let head = try reader.required("wkv.head_size", in: small)
            // `token_shift_count` is 2 where the file does not say (`llama-hparams.h`).
            let shifts = try reader.optional("token_shift_count", in: 0...16) ?? 2
            return (shifts * embedding, embedding * head)
        case .shortConvolution:
            let cells = try reader.required("shortconv.l_cache", in: 1...1024)
            return (embedding * (cells - 1), 0)
        case .deltaAttention:
            let head = try reader.required("kda.head_dim", in: small)
            let kernel = try reader.required("ssm.conv_kernel", in: 0...1024)
            let inner = layer.heads * head
            return (3 * (kernel > 0 ? kernel - 1 : 3) * inner, head * inner)
        case .lightning:
            return (0, layer.keyHead * layer.keyHead * layer.heads)
        }
    }
}

extension Architecture.Indexer {
    /// Marks the layers that have an indexer.
    ///
    /// - Returns: The elements of a token's row in its cache, and whether values are kept too.
    func mark(
        _ layers: inout [HyperParameters.Layer],
        trunk: Int,
        key: Int64,
        context: Int64,
        _ isLatent: Bool,
        _ reader: MetadataReader
    ) throws(PlanError) -> (Int64, Bool) {
        func named(_ otherwise: (Int) -> Bool) throws(PlanError) -> [Bool] {
            let types = try reader.perLayer("attention.indexer.types", layers: trunk, in: 0...1)
            return types?.map { $0 != 0 } ?? (0..<trunk).map(otherwise)
        }
        func mark(_ isIndexed: (Int) -> Bool) {
            for index in 0..<trunk { layers[index].isIndexed = isIndexed(index) }
        }
        switch self {
        case .none: return (0, false)
        case .trunk: mark { _ in true }
        case .glm:
            // GLM 5.2, told by its context, was published without the key: layers 0, 1, 2 and from
            // there each fourth own an indexer (`models/glm-dsa.cpp`).
            let flags = try named { layer in
                context < 1_048_576 || layer < 2 || (layer < 78 && layer % 4 == 2)
            }
            mark { flags[$0] }
        case .named:
            guard try reader.number("attention.indexer.top_k", in: HyperParameters.countBound) > 0
            else { return (0, false) }
            let flags = try named { _ in false }
            mark { flags[$0] }
        case .behindDense:
            let lead = try reader.number("leading_dense_block_count", in: 0...512)
            for index in layers.indices { layers[index].isIndexed = index >= lead }
        case .pooledPairs:
            let ratios = try reader.perLayer(
                "attention.compress_ratios",
                layers: layers.count,
                in: 0...1024
            )
            mark { key > 0 && !layers[$0].isRecurrent }
            return ((ratios ?? []).contains { $0 > 0 } ? 2 * key : key, false)
        case .pooledTriples:
            let flags = try named { _ in true }
            mark { flags[$0] && !layers[$0].isRecurrent }
            let pooled = try reader.number("attention.indexer.kpool", in: 0...1024) > 0
            return (pooled ? 3 * key : key, false)
        }
        return (key, !isLatent)
    }
}
