/// How much of a domain the cache may hold: a share of its limit, or bytes.
public enum MemoryBudget: Hashable, Sendable {
    /// A share of the domain's limit, above 0 and at most 1.
    case share(Double)
    /// A fixed number of bytes, bounded by the domain's limit.
    case bytes(ByteCount)

    /// 75 % of the limit: what is left lets the system and a browser breathe.
    public static let standard = MemoryBudget.share(0.75)

    /// The budget in bytes for a domain with `limit`.
    public func resolved(limit: ByteCount) -> ByteCount {
        switch self {
        case .share(let fraction): limit.scaled(by: fraction)
        case .bytes(let bytes): min(bytes, limit)
        }
    }

    /// The budget of every domain of `memory`; `.bytes` names host memory, so
    /// other domains then get the standard share.
    public func resolved(for memory: HostMemory) -> DomainBytes {
        memory.domains.reduce(into: .zero) { result, domain in
            let budget: MemoryBudget =
                if case .bytes = self, domain.key != .host { .standard } else { self }
            result[domain.key] = budget.resolved(limit: domain.value.limit)
        }
    }
}

extension MemoryBudget: CustomStringConvertible {
    /// `75%` or `12.0 GiB`.
    public var description: String {
        switch self {
        case .share(let fraction): "\(Int((fraction * 100).rounded()))%"
        case .bytes(let bytes): "\(bytes)"
        }
    }

    /// Reads `75%`, `0.75` or a size such as `12GiB`.
    ///
    /// - Returns: `nil` when `text` is neither, or is not above zero.
    public init?(parsing text: some StringProtocol) {
        if text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100 {
            self = .share(percent / 100)
        } else if text.contains("."), let share = Double(text), share > 0, share <= 1 {
            self = .share(share)
        } else if let bytes = ByteCount(parsing: text), bytes > .zero {
            self = .bytes(bytes)
        } else {
            return nil
        }
    }
}
