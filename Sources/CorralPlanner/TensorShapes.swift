internal import CorralGGUF

/// The shapes of a model's weights by layer: which parts a layer has, and how wide each makes a
/// batch.
struct TensorShapes: Sendable {
    /// The first three dimensions.
    struct Shape: Hashable, Sendable {
        var columns: Int64
        var rows: Int64
        var depth: Int64
    }

    /// Each layer's weights, by name without number and `.weight`; biases keep their ending.
    private var layers: [[String: Shape]]
    /// The weights that belong to no layer.
    private var others: [String: Shape] = [:]

    init(_ tensors: [GGUFTensor], layers count: Int) {
        layers = Array(repeating: [:], count: count)
        for tensor in tensors {
            // More than any model has, and few enough that products of them are numbers.
            let sizes = tensor.dimensions.map { Int64(min($0, 1 << 32)) } + [1, 1, 1]
            let shape = Shape(columns: sizes[0], rows: sizes[1], depth: sizes[2])
            var name = Substring(tensor.name)
            if name.hasSuffix(".weight") { name = name.dropLast(7) }
            let parts = name.split(separator: ".", maxSplits: 2)
            if parts.count == 3, parts[0] == "blk" {
                guard let layer = Int(parts[1]), layers.indices.contains(layer) else { continue }
                layers[layer][String(parts[2])] = shape
            } else {
                others[String(name)] = shape
            }
        }
    }

    /// Gives layers that run again the weights of the layer a number of layers before.
    mutating func repeatLayers(every count: Int) {
        for layer in layers.indices.dropFirst(max(1, count)) {
            layers[layer] = layers[layer - max(1, count)]
        }
    }

    /// A layer's weight; `nil` where it has none of that name.
    subscript(layer: Int, name: String) -> Shape? {
        layers.indices.contains(layer) ? layers[layer][name] : nil
    }

    /// A weight that belongs to no layer.
    subscript(name: String) -> Shape? { others[name] }
}
