import CorralMemory

/// Evicts the model that was used longest ago, and so on until enough is free.
public struct LeastRecentlyUsed: EvictionPolicy {
    /// Creates the policy; it keeps no state of its own.
    public init() {}

    /// `lru`.
    public var name: String { "lru" }

    /// Takes idle models before leased ones, oldest use first, ties by identifier,
    /// passing over a model whose memory would not help.
    public func victims(for need: EvictionNeed, at now: CacheInstant) -> [EvictionVictim] {
        let byAge = need.candidates.sorted {
            ($0.leases > 0 ? 1 : 0, $0.lastUsed, $0.model)
                < ($1.leases > 0 ? 1 : 0, $1.lastUsed, $1.model)
        }
        var ledger = need.ledger
        var shortfall = need.shortfall(in: ledger)
        var victims: [EvictionVictim] = []
        for candidate in byAge where shortfall != .zero {
            var without = ledger
            without.release(candidate.model)
            let remaining = need.shortfall(in: without)
            guard remaining != shortfall else { continue }
            (ledger, shortfall) = (without, remaining)
            let idle = now.duration(since: candidate.lastUsed)
            victims.append(
                EvictionVictim(
                    model: candidate.model,
                    reason: "least recently used, \(idle.components.seconds) s ago"
                )
            )
        }
        return victims
    }
}
