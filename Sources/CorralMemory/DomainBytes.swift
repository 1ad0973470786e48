/// An amount of memory in each domain; a domain not named holds zero bytes.
public struct DomainBytes: Hashable, Sendable {
    /// Only domains with a non-zero amount, so that equality is by amount.
    private var amounts: [MemoryDomain: ByteCount] = [:]

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
        get { amounts[domain] ?? .zero }
        set { amounts[domain] = newValue == .zero ? nil : newValue }
    }

    /// The domains that hold a non-zero amount, in order.
    public var domains: [MemoryDomain] { amounts.keys.sorted() }

    /// The sum over all domains.
    public var total: ByteCount { amounts.values.reduce(.zero, +) }

    /// Whether each domain's amount is at most `limit`'s; a domain in which nothing
    /// is asked for fits even where `limit` is negative, as an overdrawn budget is.
    public func fits(in limit: DomainBytes) -> Bool {
        amounts.allSatisfy { $0.value <= limit[$0.key] }
    }

    /// What exceeds `limit`, domain by domain; zero where nothing does or nothing
    /// is asked for.
    public func excess(over limit: DomainBytes) -> DomainBytes {
        var result = DomainBytes()
        for (domain, bytes) in amounts where bytes > limit[domain] {
            result[domain] = bytes - limit[domain]
        }
        return result
    }

    /// The larger of two amounts in each domain.
    public func union(_ other: DomainBytes) -> DomainBytes {
        var result = self
        for domain in amounts.keys { result[domain] = max(self[domain], other[domain]) }
        for domain in other.amounts.keys { result[domain] = max(self[domain], other[domain]) }
        return result
    }
}

extension DomainBytes: AdditiveArithmetic {
    /// The sum, domain by domain.
    public static func + (lhs: DomainBytes, rhs: DomainBytes) -> DomainBytes {
        var result = lhs
        for (domain, bytes) in rhs.amounts { result[domain] += bytes }
        return result
    }

    /// The difference, domain by domain, which may be negative.
    public static func - (lhs: DomainBytes, rhs: DomainBytes) -> DomainBytes {
        var result = lhs
        for (domain, bytes) in rhs.amounts { result[domain] -= bytes }
        return result
    }
}

extension DomainBytes: CustomStringConvertible {
    /// The amounts for people: `host 1.50 GiB, gpu0 4.00 GiB`, or `0 B`.
    public var description: String {
        guard !amounts.isEmpty else { return "0 B" }
        return domains.map { "\($0) \(self[$0])" }.joined(separator: ", ")
    }
}
