/// How much of a domain the cache may hold: a share of its limit, or bytes.
public enum MemoryBudget: Hashable, Sendable {
    /// A share of the domain's limit, above 0 and at most 1.
    case share(Double)
    /// A fixed number of bytes, bounded by the domain's limit.
    case bytes(ByteCount)

    /// 75 % of the limit: what is left lets the system and a browser breathe.
    public static let standard = MemoryBudget.share(0.75)

    /// The budget in bytes for a domain with `limit`: from zero to `limit`, whatever
    /// share or count it was made from.
    public func resolved(limit: ByteCount) -> ByteCount {
        let wanted =
            switch self {
            case .share(let fraction): limit.scaled(by: fraction)
            case .bytes(let bytes): bytes
            }
        return max(.zero, min(wanted, limit))
    }

    /// The budget of every domain of `memory`, at most what is usable there;
    /// `.bytes` names host memory, so other domains then get the standard share.
    public func resolved(for memory: HostMemory) -> DomainBytes {
        memory.domains.reduce(into: .zero) { result, domain in
            let budget: MemoryBudget =
                if case .bytes = self, domain.key != .host { .standard } else { self }
            result[domain.key] = min(
                budget.resolved(limit: domain.value.limit),
                max(.zero, domain.value.usable)
            )
        }
    }
}
