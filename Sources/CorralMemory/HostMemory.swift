/// How much memory each domain of this machine has, at one moment.
public struct HostMemory: Hashable, Sendable {
    /// The state of one domain.
    public struct Domain: Hashable, Sendable {
        /// The most this process tree may ever use: installed memory, or the
        /// smallest control-group limit above it.
        public var limit: ByteCount

        /// What could be allocated now without swapping or being killed,
        /// reclaimable file cache included.
        public var available: ByteCount

        /// The most of ``limit`` that models may hold whatever the budget says: less
        /// than the limit only where an accelerator that shares the memory can
        /// address less of it, as Metal's recommended working set says.
        public var usable: ByteCount

        /// Creates a domain's state; `usable` is the limit unless given.
        public init(limit: ByteCount, available: ByteCount, usable: ByteCount? = nil) {
            self.limit = limit
            self.available = available
            self.usable = usable.map { min($0, limit) } ?? limit
        }
    }

    /// The domains, the host among them.
    public var domains: [MemoryDomain: Domain]

    /// The share of the last ten seconds in which some task waited for memory,
    /// from 0 to 1; `nil` where the system does not say (Linux: PSI "some avg10").
    public var pressure: Double?

    /// Creates a reading.
    public init(domains: [MemoryDomain: Domain], pressure: Double? = nil) {
        self.domains = domains
        self.pressure = pressure
    }

    /// The limit of every domain.
    public var limits: DomainBytes { amounts(\.limit) }

    /// What is available now in every domain.
    public var available: DomainBytes { amounts(\.available) }

    /// The most that models could hold now, beside everything else that runs.
    ///
    /// Memory that other programs take shrinks it at once. `held` names what models
    /// hold of the memory that ``available`` counts as used: exclusive parts of
    /// models that are loaded, not mapped weights, which stay reclaimable file cache
    /// and hence available, nor reservations of models still loading.
    ///
    /// - Parameter held: Bytes models hold that are not in ``available``.
    /// - Returns: `available + held` in each domain, at most the domain's limit.
    public func attainable(holding held: DomainBytes) -> DomainBytes {
        domains.reduce(into: .zero) { result, domain in
            result[domain.key] = min(
                domain.value.limit,
                domain.value.available + held[domain.key]
            )
        }
    }

    private func amounts(_ amount: KeyPath<Domain, ByteCount>) -> DomainBytes {
        domains.reduce(into: .zero) { $0[$1.key] = $1.value[keyPath: amount] }
    }
}

/// Tells how much memory the machine has; passed in, so that tests can script it.
public protocol HostMemoryReader: Sendable {
    /// Reads the machine's memory now; cheap enough for every load decision.
    ///
    /// - Throws: When the system's figures cannot be read.
    func read() throws -> HostMemory
}
