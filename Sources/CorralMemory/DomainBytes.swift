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

    /// Whether every domain's amount is at most `limit`'s.
    public func fits(in limit: DomainBytes) -> Bool {
        amounts.allSatisfy { $0.value <= limit[$0.key] }
    }

    /// What exceeds `limit`, domain by domain; zero where nothing does.
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
        for (domain, bytes) in other.amounts { result[domain] = max(self[domain], bytes) }
        return result
    }
}

extension DomainBytes: AdditiveArithmetic {
    public static func + (lhs: DomainBytes, rhs: DomainBytes) -> DomainBytes {
        var result = lhs
        for (domain, bytes) in rhs.amounts { result[domain] += bytes }
        return result
    }

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
