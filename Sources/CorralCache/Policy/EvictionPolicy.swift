public import CorralMemory

/// Chooses which models to evict.
///
/// A policy is a pure value that is told what happens and asked for victims; it
/// has no clock and no randomness. The cache and the simulator use the same policies through this protocol.
public protocol EvictionPolicy: Sendable {
    /// The word that names the policy in configuration and answers.
    var name: String { get }

    /// Notes what the cache may reserve; told before anything else.
    mutating func budgetSet(to budget: DomainBytes)

    /// Notes that `model` was asked for, whether it was resident or not.
    mutating func modelRequested(
        _ model: ModelID,
        priority: RequestPriority,
        at now: CacheInstant
    )

    /// Notes that a load of `model` ended well.
    mutating func modelLoaded(_ model: ModelID, _ load: LoadObservation, at now: CacheInstant)

    /// Chooses victims, as a set, so that the incoming model fits without them.
    ///
    /// - Returns: Victims in the order to unload them; fewer than needed only if
    ///   all candidates together are not enough.
    func victims(for need: EvictionNeed, at now: CacheInstant) -> [EvictionVictim]

    /// What the policy thinks of each candidate of `need`, in their order.
    func scores(of need: EvictionNeed, at now: CacheInstant) -> [EvictionScore]

    /// How long loading a model will take, in seconds, from what was observed of it or of its
    /// like; `nil` for a policy that does not learn it.
    ///
    /// - Parameters:
    ///   - candidate: The model, where its file is, and what its conversations cost.
    ///   - bytes: The memory that the model holds.
    /// - Returns: The seconds.
    func reloadSeconds(of candidate: EvictionCandidate, bytes: ByteCount) -> Double?

    /// What was learned and should survive a restart; `nil` for a policy that learns nothing.
    func snapshot(at now: CacheInstant) -> PolicySnapshot?

    /// Takes over what was learned before a restart, and forgets what was learned since.
    ///
    /// - Parameters:
    ///   - snapshot: What ``snapshot(at:)`` returned then.
    ///   - now: The time now.
    ///   - elapsed: How long ago the snapshot was taken, by the wall clock.
    mutating func restore(_ snapshot: PolicySnapshot, at now: CacheInstant, elapsed: Duration)
}

extension EvictionPolicy {
    /// Ranks by the last use.
    public func scores(of need: EvictionNeed, at now: CacheInstant) -> [EvictionScore] {
        need.candidates.map { candidate in
            EvictionScore(
                value: candidate.lastUsed.seconds,
                reloadSeconds: candidate.expectedLoadSeconds + candidate.conversationSeconds
            )
        }
    }

    /// Has learned nothing.
    public func reloadSeconds(of candidate: EvictionCandidate, bytes: ByteCount) -> Double? { nil }

    /// Ignores the budget.
    public mutating func budgetSet(to budget: DomainBytes) {}

    /// Ignores the request.
    public mutating func modelRequested(
        _ model: ModelID,
        priority: RequestPriority,
        at now: CacheInstant
    ) {}

    /// Ignores the load.
    public mutating func modelLoaded(
        _ model: ModelID,
        _ load: LoadObservation,
        at now: CacheInstant
    ) {}

    /// Has learned nothing.
    public func snapshot(at now: CacheInstant) -> PolicySnapshot? { nil }

    /// Ignores the snapshot.
    public mutating func restore(
        _ snapshot: PolicySnapshot,
        at now: CacheInstant,
        elapsed: Duration
    ) {}
}

/// What a policy thinks of a resident model: the one with the least value goes first.
public struct EvictionScore: Hashable, Sendable {
    /// What losing it costs.
    ///
    /// Only to be compared within one policy and one moment: `value` counts seconds of reloading
    /// per turnover of the cache and GB, `lru` the seconds since the cache began until the last use.
    public var value: Double

    /// How long it would take to bring back, its conversations included, in seconds.
    public var reloadSeconds: Double

    /// How long it will probably take until it is used again, in seconds; `nil` for a policy
    /// that does not guess.
    public var secondsToNextUse: Double?

    /// Creates a score.
    public init(value: Double, reloadSeconds: Double, secondsToNextUse: Double? = nil) {
        self.value = value
        self.reloadSeconds = reloadSeconds
        self.secondsToNextUse = secondsToNextUse
    }
}

/// A resident model that may be evicted.
public struct EvictionCandidate: Hashable, Sendable {
    /// The model.
    public var model: ModelID
    /// When it was last leased or released.
    public var lastUsed: CacheInstant
    /// When its load ended.
    public var residentSince: CacheInstant
    /// The leases on it: above zero only past the aging bound, when a leased
    /// model may be told to drain.
    public var leases: Int
    /// Whether its file would be in the page cache when it is loaded again.
    public var isCached: Bool
    /// A name for what its file is stored on, such as a mount point.
    public var storage: String
    /// How long it would take to compute again what its conversations hold: the tokens in
    /// its KV cache that are worth keeping, at the prompt speed that was measured.
    public var conversationSeconds: Double
    /// How long loading it is expected to take, by its plan and its loads so far, in seconds;
    /// for policies that do not learn it themselves.
    public var expectedLoadSeconds: Double

    /// Creates a candidate.
    public init(
        model: ModelID,
        lastUsed: CacheInstant,
        residentSince: CacheInstant,
        leases: Int = 0,
        isCached: Bool = false,
        storage: String = "",
        conversationSeconds: Double = 0,
        expectedLoadSeconds: Double = 0
    ) {
        self.expectedLoadSeconds = expectedLoadSeconds
        self.isCached = isCached
        self.storage = storage
        self.conversationSeconds = conversationSeconds
        self.model = model
        self.lastUsed = lastUsed
        self.residentSince = residentSince
        self.leases = leases
    }
}

/// A model chosen to be evicted, and why it rather than another.
public struct EvictionVictim: Hashable, Sendable {
    /// The model.
    public var model: ModelID
    /// Why this model rather than another.
    public var reason: EvictionReason

    /// Creates a victim.
    public init(model: ModelID, reason: EvictionReason) {
        self.model = model
        self.reason = reason
    }
}

/// A question to a policy: the footprint that has to fit, the models that may go for it, and the
/// reservations that stay.
public struct EvictionNeed: Sendable {
    /// The models that may be chosen, in the total order of their identifiers.
    public var candidates: [EvictionCandidate]
    /// The footprint to make room for; `nil` when only the excess must go.
    public var incoming: Footprint?
    /// The reservations that stay, candidates included; models that are already
    /// leaving are not among them.
    public var ledger: Ledger<ModelID>
    /// What may be reserved in each domain.
    public var limit: DomainBytes

    /// Creates a need.
    public init(
        candidates: [EvictionCandidate],
        incoming: Footprint?,
        ledger: Ledger<ModelID>,
        limit: DomainBytes
    ) {
        self.candidates = candidates
        self.incoming = incoming
        self.ledger = ledger
        self.limit = limit
    }

    /// What is still missing in each domain if `ledger` were all that is reserved.
    ///
    /// Release victims in a copy of ``ledger`` and ask again: a part that a victim
    /// shares with the incoming model is needed anew once the victim is gone.
    public func shortfall(in ledger: Ledger<ModelID>) -> DomainBytes {
        let added = incoming.map(ledger.adding) ?? .zero
        return (ledger.reserved + added).excess(over: limit)
    }
}
