internal import CorralMemory

/// The bytes of a context's memory, by the device of each layer (`nil` for the host).
struct CacheSizes: Hashable, Sendable {
    /// Keys and values, and indexers' keys.
    var cache: [Int?: ByteCount] = [:]
    /// Recurrent states.
    var recurrent: [Int?: ByteCount] = [:]

    /// What tensors are padded to in a buffer on the host; the devices' own is in ``Accelerator``.
    static let hostAlignment: Int64 = 32

    /// Adds up what `llama_model::create_memory` allocates.
    init(
        _ model: HyperParameters,
        _ row: Architecture,
        _ shape: ContextShape,
        _ map: DeviceMap,
        offloads: Bool
    ) {
        var builder = Builder(model: model, shape: shape, map: map, offloads: offloads)
        switch row.memory {
        case .none: break
        case .cache: builder.addCaches(row)
        case .compressed: builder.addCompressed()
        }
        cache = builder.cache
        recurrent = builder.recurrent
    }
}

private struct Builder {
    let model: HyperParameters
    let shape: ContextShape
    let map: DeviceMap
    let offloads: Bool
    var cache: [Int?: ByteCount] = [:]
    var recurrent: [Int?: ByteCount] = [:]
    /// Without flash attention values are stored transposed, padded to the widest layer's.
    let widestValue: Int64

    init(model: HyperParameters, shape: ContextShape, map: DeviceMap, offloads: Bool) {
        self.model = model
        self.shape = shape
        self.map = map
        self.offloads = offloads
        widestValue = model.layers.map(\.valueWidth).max() ?? 0
    }

    mutating func addCaches(_ row: Architecture) {
        let windowCells = shape.windowCells(model.window, isShared: shape.streams == 1)
        for (index, layer) in model.layers.enumerated() where holdsCache(index, layer, row) {
            let cells = layer.isWindowed ? windowCells : shape.sequenceTokens
            addRows(index, layer.keyWidth, shape.keyType, cells)
            if !model.isLatent { addRows(index, valueWidth(layer), shape.valueType, cells) }
        }
        for (index, layer) in model.layers.enumerated() where layer.isIndexed {
            addRows(index, model.indexerWidth, shape.keyType, shape.sequenceTokens)
            guard model.indexerKeepsValues else { continue }
            let widest = model.layers.map(\.valueHead).max() ?? 0
            let width = shape.flashAttention ? layer.valueHead : widest
            addRows(index, width, shape.valueType, shape.sequenceTokens)
        }
        for (index, layer) in model.layers.enumerated() where holdsState(index, layer, row) {
            addState(index, model.convolutionState)
            addState(index, model.recurrentState)
            if model.gramLayers.contains(index) { addState(index, model.gramState) }
        }
    }

    /// DeepSeek V4 (`llama_kv_cache_dsv4`): always a cache for each sequence.
    mutating func addCompressed() {
        let window = shape.windowCells(model.window, isShared: false)
        for (index, layer) in model.layers.enumerated() {
            addRows(index, layer.keyWidth, shape.keyType, window, streams: shape.sequences)
            let ratio = model.compression[index]
            guard ratio == 4 || ratio == 128 else { continue }
            let cells = max(1, (shape.sequenceTokens + ratio - 1) / ratio).padded(to: 256)
            addRows(index, layer.keyWidth, shape.keyType, cells, streams: shape.sequences)
            if ratio == 4 {
                addRows(index, model.indexerKey, shape.keyType, cells, streams: shape.sequences)
            }
            guard index < model.trunk else { continue }
            // The compressors' states: keys and scores of the last 2 × 4 or 128 tokens.
            let head = layer.keyHead
            addState(index, ratio == 4 ? 2 * 2 * head * 8 : 2 * head * 128)
            if ratio == 4 { addState(index, 2 * 2 * model.indexerKey * 8) }
        }
    }

    private func valueWidth(_ layer: HyperParameters.Layer) -> Int64 {
        shape.flashAttention ? layer.valueWidth : widestValue
    }

    /// Whether a layer has keys in the cache: the filters of `create_memory`.
    private func holdsCache(
        _ index: Int,
        _ layer: HyperParameters.Layer,
        _ row: Architecture
    ) -> Bool {
        guard layer.isCached else { return false }
        let isTrunk = index < model.trunk
        switch row.recurrence {
        case .all: return false
        case .beside: return true
        case .headless:
            if case .pooledTriples = row.indexer, !isTrunk { return false }
            return !layer.isRecurrent
        case .bare: return !layer.isRecurrent && layer.feedForward == 0
        case .allButEach: return isTrunk && !layer.isRecurrent
        case .none: break
        }
        // A model of nothing but draft layers keeps them.
        return isTrunk || model.trunk == 0 || row.traits.contains(.cachesDraft)
    }

    private func holdsState(
        _ index: Int,
        _ layer: HyperParameters.Layer,
        _ row: Architecture
    ) -> Bool {
        guard layer.isRecurrent else { return false }
        switch row.recurrence {
        case .bare: return layer.feedForward == 0
        case .allButEach: return index < model.trunk
        default: return true
        }
    }

    private func device(_ layer: Int) -> Int? { offloads ? map.device(of: layer) : nil }

    private func padded(_ bytes: ByteCount, on device: Int?) -> ByteCount {
        let step = device.map { map.accelerators[$0].backend.alignment } ?? CacheSizes.hostAlignment
        guard bytes < ByteCount.max - ByteCount(step) else { return .max }
        return ByteCount(bytes.rawValue.padded(to: step))
    }

    /// A tensor of a layer's keys or values.
    private mutating func addRows(
        _ layer: Int,
        _ width: Int64,
        _ type: CacheType,
        _ cells: Int64,
        streams: Int64? = nil
    ) {
        let device = device(layer)
        let bytes = ByteCount(type.rowBytes(width)) * cells * (streams ?? shape.streams)
        cache[device, default: .zero] += padded(bytes, on: device)
    }

    /// A tensor of states, always in floats of 32 bits, one row a sequence.
    private mutating func addState(_ layer: Int, _ elements: Int64) {
        let device = device(layer)
        let bytes = ByteCount(elements) * 4 * shape.sequences
        recurrent[device, default: .zero] += padded(bytes, on: device)
    }
}
