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
        // By small keys; the candidates are in the order of their identifiers already.
        let keys = need.candidates.enumerated().map { index, candidate in
            (leased: candidate.leases > 0 ? 1 : 0, lastUsed: candidate.lastUsed, index: index)
        }
        let byAge = keys.sorted { $0 < $1 }.map { need.candidates[$0.index] }
        return need.victims(inOrder: byAge.lazy.map(\.model)).map { position in
            let idle = now.duration(since: byAge[position].lastUsed)
            return EvictionVictim(
                model: byAge[position].model,
                reason: EvictionReason(.leastRecentlyUsed, idleSeconds: idle / .seconds(1))
            )
        }
    }
}
