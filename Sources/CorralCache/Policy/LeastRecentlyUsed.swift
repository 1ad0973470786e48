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
        let lastUsed = Dictionary(
            byAge.map { ($0.model, $0.lastUsed) },
            uniquingKeysWith: { first, _ in first }
        )
        return need.victims(inOrder: byAge.map(\.model)).map { model in
            let idle = now.duration(since: lastUsed[model] ?? now)
            return EvictionVictim(
                model: model,
                reason: "least recently used, \(idle.components.seconds) s ago"
            )
        }
    }
}
