internal import CorralGGUF
internal import CorralMemory

/// One weight, as far as its place in memory depends on it.
struct Weight: Hashable, Sendable {
    var use: TensorUse
    var bytes: Int64
    /// The first dimension, and the rows.
    var columns: Int64
    var rows: Int64
    /// How many dimensions are larger than one (`ggml_n_dims`).
    var dimensions: Int
    var type: GGMLType
    /// The shard the weight is in, and its offset there.
    var shard: Int
    var offset: Int64
    /// The embedding matrix, which may serve as the output's too.
    var isEmbedding: Bool
    /// The output's own matrix.
    var isOutputMatrix: Bool
    /// A table of per-layer embeddings large enough to be read row by row.
    var isLazy: Bool
}

/// Where a model's weights go.
struct WeightPlacement: Hashable, Sendable {
    /// The bytes of each buffer, by its name.
    var buffers: [String: ByteCount] = [:]
    /// The bytes of the file that stay mapped, where it is.
    var mapped = ByteCount.zero
    /// The bytes of the host's plain weights that are mapped however the file is loaded: a table of
    /// per-layer embeddings above 4 GiB, of which each token needs a row
    /// (`llama_model_loader::lazy_read::add`).
    var alwaysMapped = ByteCount.zero

    /// The buffer of the host's plain weights.
    static let host = "CPU"
    /// The buffer of weights repacked for the CPU.
    static let repacked = "CPU_REPACK"
}

/// Which device each layer is on (`llama_model::load_tensors`).
struct DeviceMap: Hashable, Sendable {
    /// The device of each layer, the output last; `nil` for the host.
    private(set) var devices: [Int?]
    let accelerators: [Accelerator]

    var output: Int? { devices[devices.count - 1] }

    func device(of layer: Int) -> Int? {
        layer < devices.count - 1 ? devices[layer] : nil
    }

    /// True where a layer or the output is on an accelerator.
    var isOffloaded: Bool { devices.contains { $0 != nil } }

    /// Assigns the last `gpuLayers` of the layers and the output to the devices.
    init(layers: Int, _ options: LoadOptions) {
        let accelerators = options.accelerators
        self.accelerators = accelerators
        let offloaded = accelerators.isEmpty ? 0 : min(max(0, options.gpuLayers), layers + 1)
        let start = layers + 1 - offloaded
        // In floats of 32 bits, as llama.cpp computes the split.
        var ends: [Float] = []
        for accelerator in accelerators {
            ends.append((ends.last ?? 0) + Float(max(0, accelerator.share)))
        }
        let sum = ends.last ?? 1
        let shares = ends.map { sum > 0 ? $0 / sum : 1 }
        devices = (0...layers).map { layer in
            guard layer >= start else { return nil }
            let place = Float(layer - start) / Float(offloaded)
            return shares.firstIndex { $0 > place } ?? accelerators.count - 1
        }
    }
}

extension WeightPlacement {
    /// Places weights as `llama_model_loader::create_tensor` does.
    ///
    /// - Parameters:
    ///   - weights: The file's weights.
    ///   - model: The resolved metadata.
    ///   - row: The architecture.
    ///   - map: The device of each layer.
    ///   - options: Whether and for what the CPU repacks.
    init(
        _ weights: [Weight],
        _ model: HyperParameters,
        _ row: Architecture,
        _ map: DeviceMap,
        _ options: LoadOptions
    ) {
        let traits = row.traits
        let features = options.repacks ? options.cpu : []
        var rangeOfShard: [Int: Range<Int64>] = [:]
        var mapping: [GGMLType: [Int]] = [:]

        func repacks(_ weight: Weight, _ operation: TensorUse.Operation) -> Bool {
            let wanted = operation == .multiply ? 2 : 3
            guard operation != .other, weight.dimensions == wanted else { return false }
            if mapping[weight.type] == nil {
                mapping[weight.type] = features.repackedRows(weight.type.name)
            }
            return mapping[weight.type]?.contains { weight.rows % Int64($0) == 0 } ?? false
        }
        func buffer(_ weight: Weight, _ operation: TensorUse.Operation, on device: Int?) -> Int {
            if let device { return device }
            return repacks(weight, operation) ? -1 : -2
        }
        func add(_ weight: Weight, to buffer: Int) {
            let name =
                switch buffer {
                case -2: Self.host
                case -1: Self.repacked
                default: map.accelerators[buffer].bufferName
                }
            let backend = buffer < 0 ? nil : map.accelerators[buffer].backend
            let bytes = weight.allocated(backend)
            buffers[name, default: .zero] += ByteCount(bytes)
            if buffer == -2 {
                if weight.isLazy { alwaysMapped += ByteCount(bytes) }
                let end = weight.offset + weight.bytes
                let range = rangeOfShard[weight.shard] ?? weight.offset..<end
                rangeOfShard[weight.shard] =
                    min(range.lowerBound, weight.offset)..<max(range.upperBound, end)
            }
        }

        let rotaryLayers = (0..<model.trunk).filter {
            !(traits.contains(.ropeOutsideWindow) && model.layers[$0].isWindowed)
        }
        let hasOutput = weights.contains(where: \.isOutputMatrix)
        for weight in weights {
            switch weight.use.place {
            case .unused: continue
            case .rotary:
                for device in Set(rotaryLayers.map { map.device(of: $0) }) {
                    add(weight, to: buffer(weight, .other, on: device))
                }
            case .layer(let layer):
                if traits.contains(.skipsDraft), layer >= model.trunk { continue }
                add(weight, to: buffer(weight, weight.use.operation, on: map.device(of: layer)))
            case .output:
                add(weight, to: buffer(weight, weight.use.operation, on: map.output))
            case .input:
                let own = buffer(weight, weight.use.operation, on: nil)
                add(weight, to: own)
                guard weight.isEmbedding, !hasOutput, !traits.contains(.untied) else { continue }
                let tied = buffer(weight, .multiply, on: map.output)
                if tied != own || traits.contains(.outputFirst) { add(weight, to: tied) }
            }
        }
        mapped = rangeOfShard.values.reduce(.zero) {
            $0 + ByteCount($1.upperBound - $1.lowerBound)
        }
    }
}

extension Weight {
    /// The bytes the weight takes in a buffer.
    ///
    /// - Parameter backend: What drives the device; `nil` for the host.
    /// - Returns: Bytes, padded as the backend pads them.
    func allocated(_ backend: Accelerator.Backend?) -> Int64 {
        guard let backend else {
            // TENSOR_ALIGNMENT in `ggml-impl.h`.
            return bytes.padded(to: 32)
        }
        var size = bytes
        if backend == .cuda, type.blockElements > 1, columns % 512 != 0 {
            // The last row is padded to 512 elements
            // (`ggml_backend_cuda_buffer_type_get_alloc_size`).
            let missing = UInt64(512 - columns % 512)
            size += Int64(clamping: type.rowBytes(elements: missing) ?? 0)
        }
        return size.padded(to: backend.alignment)
    }
}
