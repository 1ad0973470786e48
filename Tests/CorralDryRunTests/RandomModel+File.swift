import CorralGGUF
import CorralTesting

extension RandomModel {
    /// The header of the whole model, and how long its file would be.
    ///
    /// - Parameters:
    ///   - named: The tensors that llama.cpp asks for, from its own skeleton.
    ///   - level: How much is kept: at 0 biases and scales may be missing and the output tied, at 1
    ///     the output may be tied, at 2 nothing is missing.
    /// - Returns: The header, and the bytes of the whole file.
    func file(_ named: [GGUFTensor], _ level: Int) -> (header: [UInt8], fileBytes: UInt64) {
        var random = SeededGenerator(seed: seed ^ 0x5bd1)
        var file = builder
        // Matrices in types that their rows allow, those of one layer alike.
        let pairs: [(GGMLType, GGMLType)] = [
            (.q4_0, .q8_0), (.q4_k, .q6_k), (.q8_0, .q8_0), (.f16, .f16), (.q5_k, .q6_k),
            (.iq4_nl, .q5_1), (.f32, .f32),
        ]
        let (most, some) = pairs[Int.random(in: 0..<pairs.count, using: &random)]
        let isTied = Int.random(in: 0..<3, using: &random) == 0 && level < 2
        let dropsBiases = Int.random(in: 0..<2, using: &random) == 0 && level < 1
        let dropsScales = Int.random(in: 0..<4, using: &random) > 0 && level < 2
        let routing = Set(named.map(\.name).filter { $0.contains("ffn_gate_inp.weight") })
        for tensor in named {
            // A layer of experts has no dense part; where the file had one, it would be ignored.
            let parts = tensor.name.split(separator: ".")
            if architecture == "mimo2", parts.count == 4,
                ["ffn_gate", "ffn_up", "ffn_down"].contains(parts[2]),
                routing.contains("blk.\(parts[1]).ffn_gate_inp.weight")
            {
                continue
            }
            if tensor.name == "output.weight", isTied { continue }
            if tensor.name.hasSuffix(".scale") || tensor.name.hasSuffix(".input_scale"), dropsScales
            {
                continue
            }
            if tensor.name.hasSuffix(".bias"), dropsBiases { continue }
            let isMatrix = tensor.dimensions.count > 1 && !tensor.name.contains("norm")
            let isPlain = [
                "ssm_", "shortconv.conv", "ffn_gate_inp", "attn_sinks", "time_mix", "hc_",
                "indexer", "conv",
            ]
            .contains { tensor.name.contains($0) }
            var type: GGMLType = .f32
            if isMatrix, !isPlain {
                let wanted =
                    tensor.name.contains("ffn_down") || tensor.name.contains("output") ? some : most
                let columns = tensor.dimensions[0]
                type =
                    [wanted, .q8_0, .f16].first { $0.rowBytes(elements: columns) != nil } ?? .f32
            }
            file.addTensor(tensor.name, type, tensor.dimensions)
        }
        let header = file.header()
        return (header, UInt64(header.count) + file.dataBytes)
    }
}
