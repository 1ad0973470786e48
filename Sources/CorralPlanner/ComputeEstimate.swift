internal import CorralMemory

/// The memory a batch is computed in.
struct ComputeEstimate {
    let description: ModelDescription
    let shape: ContextShape

    var bytes: ByteCount {
        let peak = BatchGraph.bytes(
            description.parameters, description.row, shape, description.shapes)
        return ByteCount(peak)
    }
}

extension Architecture.Recurrence {
    /// False where every layer is recurrent and none attends.
    var hasAttention: Bool { if case .all = self { false } else { true } }

    /// True where every layer is recurrent and attends besides.
    var isBeside: Bool { if case .beside = self { true } else { false } }
}
