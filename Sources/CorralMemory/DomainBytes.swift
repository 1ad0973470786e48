/// An amount of memory in each domain; a domain not named holds zero bytes.
public struct DomainBytes: Hashable, Sendable {
    /// Apart, for most machines have no other domain, and sums are taken at every decision.
    private var host = ByteCount.zero
    /// By index, only those with a non-zero amount, so that equality is by amount.
    private var accelerators: [Int: ByteCount] = [:]

    /// No memory anywhere.
    public static let zero = DomainBytes()

    /// Creates an amount that is zero in every domain.
    public init() {}

    /// Creates an amount of `bytes` in one domain.
    public init(_ domain: MemoryDomain, _ bytes: ByteCount) {
        self[domain] = bytes
    }

    /// Creates an amount in the host domain.
    public static func host(_ bytes: ByteCount) -> DomainBytes {
        DomainBytes(.host, bytes)
    }

    /// The bytes in `domain`.
    public subscript(domain: MemoryDomain) -> ByteCount {
        get {
            switch domain {
            case .host: host
            case .gpu(let index): accelerators[index] ?? .zero
            }
        }
        set {
            switch domain {
            case .host: host = newValue
            case .gpu(let index): accelerators[index] = newValue == .zero ? nil : newValue
            }
        }
    }

    /// The domains that hold a non-zero amount, in order.
    public var domains: [MemoryDomain] {
        (host == .zero ? [] : [.host]) + accelerators.keys.sorted().map(MemoryDomain.gpu)
    }

    /// The sum over all domains.
    public var total: ByteCount { accelerators.values.reduce(host, +) }

    /// Whether each domain's amount is at most `limit`'s; a domain in which nothing
    /// is asked for fits even where `limit` is negative, as an overdrawn budget is.
    public func fits(in limit: DomainBytes) -> Bool {
        (host == .zero || host <= limit.host)
            && accelerators.allSatisfy { $0.value <= limit[.gpu($0.key)] }
    }

    /// What exceeds `limit`, domain by domain; zero where nothing does or nothing
    /// is asked for.
    public func excess(over limit: DomainBytes) -> DomainBytes {
        var result = DomainBytes()
        if host != .zero, host > limit.host { result.host = host - limit.host }
        for (index, bytes) in accelerators where bytes > limit[.gpu(index)] {
            result[.gpu(index)] = bytes - limit[.gpu(index)]
        }
        return result
    }

    /// The larger of two amounts in each domain.
    public func union(_ other: DomainBytes) -> DomainBytes {
        var result = self
        result.host = max(host, other.host)
        for index in Set(accelerators.keys).union(other.accelerators.keys) {
            result[.gpu(index)] = max(self[.gpu(index)], other[.gpu(index)])
        }
        return result
    }
}

extension DomainBytes: AdditiveArithmetic {
    /// The sum, domain by domain.
    public static func + (lhs: DomainBytes, rhs: DomainBytes) -> DomainBytes {
        lhs.combined(with: rhs, by: +)
    }

    /// The difference, domain by domain, which may be negative.
    public static func - (lhs: DomainBytes, rhs: DomainBytes) -> DomainBytes {
        lhs.combined(with: rhs, by: -)
    }

    private func combined(
        with other: DomainBytes,
        by operation: (ByteCount, ByteCount) -> ByteCount
    ) -> DomainBytes {
        var result = self
        result.host = operation(host, other.host)
        for (index, bytes) in other.accelerators {
            result[.gpu(index)] = operation(self[.gpu(index)], bytes)
        }
        return result
    }
}

extension DomainBytes: CustomStringConvertible {
    /// The amounts for people: `host 1.50 GiB, gpu0 4.00 GiB`, or `0 B`.
    public var description: String {
        guard !domains.isEmpty else { return "0 B" }
        return domains.map { "\($0) \(self[$0])" }.joined(separator: ", ")
    }
}
