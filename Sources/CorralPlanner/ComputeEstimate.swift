internal import CorralMemory

/// The memory a batch is computed in: the sketch's peak and a margin.
///
/// Over random models in random contexts the sketch alone is what llama.cpp b11434 reserves, to the
/// byte, in more than nine of ten; elsewhere it lacks small inputs and the order of small results,
/// which the margin covers. Architectures of which it lacks more are marked in the table.
struct ComputeEstimate {
    let description: ModelDescription
    let shape: ContextShape

    var bytes: ByteCount {
        let peak = BatchGraph.bytes(
            description.parameters,
            description.row,
            shape,
            description.shapes
        )
        let sum = ByteCount(peak) + ByteCount(peak / Self.marginShare + Self.marginBytes)
        if description.row.traits.contains(.reordered) { return sum + ByteCount(peak / 4) }
        guard description.row.traits.contains(.bounded) else { return sum }
        // What such a layer computes beyond the sketch is taken for half of it again, and a dozen
        // copies of the stream.
        let stream = ByteCount(description.parameters.embedding) * shape.graphTokens * 4
        let parameters = description.parameters
        let states =
            ByteCount(parameters.convolutionState) + ByteCount(parameters.recurrentState)
        return sum + ByteCount(peak / 2) + stream * 12 + states * (shape.sequences * 4 * 3)
    }

    /// One part in so many is added.
    private static let marginShare: Int64 = 128
    /// And so many bytes.
    private static let marginBytes: Int64 = 48 << 10
}

extension Architecture.Recurrence {
    /// False where every layer is recurrent and none attends.
    var hasAttention: Bool { if case .all = self { false } else { true } }

    /// True where every layer is recurrent and attends besides.
    var isBeside: Bool { if case .beside = self { true } else { false } }
}
