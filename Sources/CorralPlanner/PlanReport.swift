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

        init(_ part: MemoryPlan.Part) {
            bytes = part.bytes.rawValue
            source = part.source
        }
    }

    /// What one domain holds.
    private struct Domain: Encodable {
        let total: Int64
        let exclusive: Int64
        let settled: Int64
        let parts: [String: Amount]
    }

    private enum Key: String, CodingKey {
        case contextTokens = "n_ctx"
        case sequenceTokens = "n_ctx_seq"
        case flashAttention = "fa"
        case buffers, output, parts, domains
        case byDomain = "by_domain"
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
        try container.encode(amounts(plan.parts), forKey: .parts)
        try container.encode(plan.fileBacked, forKey: .fileBacked)
        try container.encode(totals, forKey: .domains)
        try container.encode(byDomain, forKey: .byDomain)
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

    private func amounts(_ parts: [MemoryPlan.Part]) -> [String: Amount] {
        Dictionary(uniqueKeysWithValues: parts.map { ($0.kind.rawValue, Amount($0)) })
    }

    private var totals: [String: ByteCount] {
        let total = plan.total
        return Dictionary(
            uniqueKeysWithValues: total.domains.map { ($0.description, total[$0]) }
        )
    }

    private var byDomain: [String: Domain] {
        let (total, exclusive, settled) = (plan.total, plan.exclusive, plan.settled)
        return Dictionary(
            uniqueKeysWithValues: total.domains.map { domain in
                (
                    domain.description,
                    Domain(
                        total: total[domain].rawValue,
                        exclusive: exclusive[domain].rawValue,
                        settled: settled[domain].rawValue,
                        parts: amounts(plan.parts(in: domain))
                    )
                )
            }
        )
    }
}
