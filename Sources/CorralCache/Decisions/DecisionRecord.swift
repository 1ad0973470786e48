public import CorralMemory

/// One thing the cache decided, with all that it was decided by.
///
/// The last ``CacheConfiguration/decisionLimit`` are kept;
/// ``ModelCache/decisions(about:)`` finds those that concern a model.
public struct DecisionRecord: Hashable, Sendable {
    /// What was decided.
    public enum Kind: Hashable, Sendable {
        /// To evict some of the candidates for ``DecisionRecord/model``, or because more was
        /// held than may be.
        case evicted
        /// To keep all: what could go does not suffice, so the request waits.
        case kept
        /// To refuse the request.
        case refused(ModelCacheError)
        /// To unload what was idle for as long as it may be.
        case expired
        /// To give memory back to other programs.
        case gaveBack
        /// To load before it is asked for, evicting some of the candidates if there are any.
        case prefetched
        /// Not to load before it is asked for: those who would have to go are worth more.
        case declinedPrefetch

        /// One word for programs: `evicted`, `kept`, `refused`, `expired`, `gave_back`,
        /// `prefetched` or `declined_prefetch`.
        public var label: String {
            switch self {
            case .evicted: "evicted"
            case .kept: "kept"
            case .refused: "refused"
            case .expired: "expired"
            case .gaveBack: "gave_back"
            case .prefetched: "prefetched"
            case .declinedPrefetch: "declined_prefetch"
            }
        }
    }

    /// Counts the decisions since the cache began, from 1.
    public var number: Int
    /// When it was decided.
    public var time: CacheInstant
    /// What was decided.
    public var kind: Kind
    /// The model for which it was decided; `nil` where no request was the reason.
    public var model: ModelID?
    /// What that model would have added to what was reserved, less what it held already.
    public var needed: DomainBytes
    /// What could still be reserved.
    public var free: DomainBytes
    /// Those who might have gone, and the fate of each, in the order of the identifiers.
    public var candidates: [DecisionCandidate]

    /// Whether `other` was asked for, evicted, kept or passed over here.
    public func concerns(_ other: ModelID) -> Bool {
        model == other || candidates.contains { $0.model == other }
    }
}

/// A resident model in a decision.
public struct DecisionCandidate: Hashable, Sendable {
    /// What became of it.
    public enum Fate: String, Codable, Hashable, Sendable {
        /// The model has to go.
        case evicted
        /// The model might have gone, but others were worth less.
        case kept
        /// Somebody uses it.
        case leased
        /// The model is pinned.
        case pinned
        /// The model was loaded too short a time ago.
        case fresh
        /// The model is on its way in or out already.
        case moving
    }

    /// The model.
    public var model: ModelID
    /// What became of it.
    public var fate: Fate
    /// The memory that the model holds.
    public var bytes: ByteCount
    /// The time since its last use.
    public var idle: Duration
    /// The policy's score of the model.
    public var score: EvictionScore

    /// Creates a candidate.
    public init(
        model: ModelID,
        fate: Fate,
        bytes: ByteCount,
        idle: Duration,
        score: EvictionScore
    ) {
        self.model = model
        self.fate = fate
        self.bytes = bytes
        self.idle = idle
        self.score = score
    }
}
