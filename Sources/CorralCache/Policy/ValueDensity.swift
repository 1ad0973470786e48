public import CorralMemory

/// Evicts what is cheapest to bring back: the least seconds of reloading, times how soon they
/// will have to be spent, for the bytes that become free.
///
/// How soon a model is used again is learned from when it was used, how long
/// it takes to load from how long it took (`LoadCosts`). Victims are chosen as a set. docs/policy.md
/// says where the formula comes from and what it saves.
public struct ValueDensity: EvictionPolicy {
    var uses = UseStatistics()
    var costs = LoadCosts()

    /// Creates a policy that has learned nothing yet.
    public init() {}

    /// `value`.
    public var name: String { "value" }

    /// The measure of how much of the cache a load turns over.
    public mutating func budgetSet(to budget: DomainBytes) {
        uses.budget = max(1, Double(budget.total.rawValue))
    }

    /// Learns when the model is used.
    public mutating func modelRequested(_ model: ModelID, at now: CacheInstant) {
        uses.noteUse(of: model, at: now.seconds)
    }

    /// Learns how long the model takes to load.
    public mutating func modelLoaded(
        _ model: ModelID,
        _ load: LoadObservation,
        at now: CacheInstant
    ) {
        costs.observe(load, of: model)
        uses.noteLoad(of: model, bytes: Double(load.bytes.rawValue), at: now.seconds)
    }

    /// Takes the set of least value that frees enough; idle models before leased ones.
    public func victims(for need: EvictionNeed, at now: CacheInstant) -> [EvictionVictim] {
        let choice = VictimChoice(need)
        guard !choice.isSatisfied else { return [] }
        let moment = uses.moment(at: now.seconds)
        let priced = need.candidates.map { candidate in
            // Seconds of waiting for each turnover of the cache.
            let worth =
                uses.usesPerTurnover(of: candidate.model, at: moment)
                * reloadSeconds(of: candidate, in: need)
            return VictimChoice.Priced(candidate: candidate, worth: worth)
        }
        return choice.cheapest(priced).map { victim in
            EvictionVictim(
                model: victim.candidate.model,
                reason: reason(for: victim.candidate, in: need, at: moment)
            )
        }
    }

    private func reloadSeconds(of candidate: EvictionCandidate, in need: EvictionNeed) -> Double {
        costs.seconds(
            of: candidate.model,
            bytes: need.ledger.footprint(of: candidate.model)?.total.total ?? .zero,
            isCached: candidate.isCached,
            storage: candidate.storage
        ) + max(0, candidate.conversationSeconds)
    }

    private func reason(
        for candidate: EvictionCandidate,
        in need: EvictionNeed,
        at moment: UseStatistics.Moment
    ) -> String {
        let bytes = need.ledger.footprint(of: candidate.model)?.total.total ?? .zero
        let tenths = Int((min(reloadSeconds(of: candidate, in: need), 1e9) * 10).rounded())
        let uses = uses.usesPerTurnover(of: candidate.model, at: moment)
        return """
            least worth keeping: \(tenths / 10).\(tenths % 10) s to reload, next use expected in \
            about \(Self.brief(moment.secondsPerTurnover / uses)), holds \(bytes)
            """
    }

    private static func brief(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3600)) h"
        default: "\(Int(min(seconds / 86_400, 1e6))) days"
        }
    }
}
