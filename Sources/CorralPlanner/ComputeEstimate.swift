internal import CorralMemory

/// The memory a batch is computed in: the sketch's peak and a margin.
///
/// Over 183 models and 20 configurations the sketch alone is what llama.cpp b11434 reserves, to the
/// byte, in nine of ten, and else at most 0.4 % of the plan's total below it; the one exception is
/// glm5-next at 131,072 tokens, where memory given back in another order leaves larger gaps. The
/// margin covers the rest: tables of indexes, and small gaps.
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
        guard description.row.traits.contains(.unmeasured) else { return sum }
        // What such a layer computes beyond the sketch is taken for half of it again, and a dozen
        // copies of the stream.
        let stream = ByteCount(description.parameters.embedding) * shape.graphTokens * 4
        return sum + ByteCount(peak / 2) + stream * 12
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
