internal import CorralMemory

/// A plan as programs read it.
///
/// `n_ctx`, `n_ctx_seq`, `fa`, `buffers` and `output` are what llama.cpp reports of a context, in its
/// own words, so that a script can compare the two; the rest says what makes up each domain's total
/// and where each number comes from.
public struct PlanReport: Encodable, Sendable {
    private let plan: MemoryPlan

    /// Makes a report of a plan.
    ///
    /// - Parameter plan: The plan.
    public init(_ plan: MemoryPlan) { self.plan = plan }

    private struct Buffer: Encodable {
        let model: Int64
        let context: Int64
        let compute: Int64
    }

    private struct Amount: Encodable {
        let bytes: Int64
        let source: MemoryPlan.Source

        init(_ term: MemoryPlan.Term) {
            bytes = term.bytes.rawValue
            source = term.source
        }

        init(_ terms: [MemoryPlan.Term]) {
            bytes = terms.reduce(.zero) { $0 + $1.bytes }.rawValue
            // The least certain of them.
            source = terms.map(\.source).max { $0.doubt < $1.doubt } ?? .exact
        }
    }

    private enum Key: String, CodingKey {
        case contextTokens = "n_ctx"
        case sequenceTokens = "n_ctx_seq"
        case flashAttention = "fa"
        case buffers, output, parts, domains
        case fileBacked = "file_backed"
        case isConservative = "conservative"
    }

    /// Encodes the report.
    ///
    /// - Parameter encoder: Where to.
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(plan.contextTokens, forKey: .contextTokens)
        try container.encode(plan.contextTokensPerSequence, forKey: .sequenceTokens)
        try container.encode(plan.flashAttention ? 1 : 0, forKey: .flashAttention)
        try container.encode(buffers, forKey: .buffers)
        try container.encode(plan.output.bytes, forKey: .output)
        try container.encode(parts, forKey: .parts)
        try container.encode(plan.fileBacked, forKey: .fileBacked)
        try container.encode(domains, forKey: .domains)
        try container.encode(plan.isConservative, forKey: .isConservative)
    }

    private var buffers: [String: Buffer] {
        Dictionary(
            uniqueKeysWithValues: plan.buffers.map { buffer in
                let context = buffer.cache.bytes + buffer.recurrent.bytes
                return (
                    buffer.name,
                    Buffer(
                        model: buffer.weights.bytes.rawValue,
                        context: context.rawValue,
                        compute: buffer.compute.bytes.rawValue
                    )
                )
            }
        )
    }

    private var parts: [String: Amount] {
        [
            "weights": Amount(plan.buffers.map(\.weights)),
            "kv": Amount(plan.buffers.map(\.cache)),
            "recurrent": Amount(plan.buffers.map(\.recurrent)),
            "compute": Amount(plan.buffers.map(\.compute)),
            "output": Amount(plan.output),
            "output_growth": Amount(plan.outputGrowth),
            "host_heap": Amount(plan.hostHeap),
            "work_buffer": Amount(plan.workBuffer),
            "process": Amount(plan.process),
            "prompt_cache": Amount(plan.promptCache),
            "checkpoints": Amount(plan.checkpoints),
        ]
    }

    private var domains: [String: ByteCount] {
        let total = plan.total
        return Dictionary(
            uniqueKeysWithValues: total.domains.map { ($0.description, total[$0]) }
        )
    }
}

extension MemoryPlan.Source {
    /// How unsure a number of this source is, for the least sure of several.
    fileprivate var doubt: Int {
        switch self {
        case .exact: 0
        case .dryRun: 1
        case .measured: 2
        case .closedForm: 3
        }
    }
}
