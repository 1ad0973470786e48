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

    /// Learns when the model is used, and how urgently.
    public mutating func modelRequested(
        _ model: ModelID,
        priority: RequestPriority,
        at now: CacheInstant
    ) {
        uses.noteUse(of: model, urgency: priority.urgency, at: now.seconds)
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
        let worths = need.candidates.map { candidate in
            // Seconds of waiting for each turnover of the cache, as far as somebody does wait.
            uses.usesPerTurnover(of: candidate.model, at: moment)
                * reloadSeconds(of: candidate, in: need) * uses.urgency(of: candidate.model)
        }
        return choice.cheapest(worths: worths).map { position in
            let candidate = need.candidates[position]
            return EvictionVictim(
                model: candidate.model,
                reason: reason(for: candidate, in: need, at: moment)
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

    /// Rates by worth for each GB of all domains together; a decision counts only the bytes
    /// that it is short of.
    public func scores(of need: EvictionNeed, at now: CacheInstant) -> [EvictionScore] {
        let moment = uses.moment(at: now.seconds)
        return need.candidates.map { candidate in
            let seconds = reloadSeconds(of: candidate, in: need)
            let urgency = uses.urgency(of: candidate.model)
            let uses = uses.usesPerTurnover(of: candidate.model, at: moment)
            let bytes = need.ledger.footprint(of: candidate.model)?.total.total ?? .zero
            return EvictionScore(
                value: seconds * uses * urgency / max(Double(bytes.rawValue) / 1e9, 1e-3),
                reloadSeconds: seconds,
                secondsToNextUse: moment.secondsPerTurnover / uses
            )
        }
    }

    /// What was observed of the model, or else of its storage or the machine.
    public func reloadSeconds(of candidate: EvictionCandidate, bytes: ByteCount) -> Double? {
        costs.seconds(
            of: candidate.model,
            bytes: bytes,
            isCached: candidate.isCached,
            storage: candidate.storage
        ) + max(0, candidate.conversationSeconds)
    }

    private func reason(
        for candidate: EvictionCandidate,
        in need: EvictionNeed,
        at moment: UseStatistics.Moment
    ) -> EvictionReason {
        let uses = uses.usesPerTurnover(of: candidate.model, at: moment)
        return EvictionReason(
            .leastWorthKeeping,
            idleSeconds: moment.time - candidate.lastUsed.seconds,
            reloadSeconds: reloadSeconds(of: candidate, in: need),
            secondsToNextUse: moment.secondsPerTurnover / uses,
            bytes: need.ledger.footprint(of: candidate.model)?.total.total ?? .zero
        )
    }
}
