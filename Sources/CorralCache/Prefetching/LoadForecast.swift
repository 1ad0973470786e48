public import CorralMemory

/// What would happen if a model were asked for now; nothing was changed to find out.
public struct LoadForecast: Hashable, Sendable {
    /// How the request would be met.
    public enum Outcome: Hashable, Sendable {
        /// At once: the model is resident and offers enough context.
        case resident
        /// By the load that is under way.
        case loading
        /// By loading it into memory that is free.
        case fits
        /// By loading it once ``LoadForecast/victims`` are gone.
        case evicts
        /// Later: what is idle does not suffice, or others wait for memory already.
        case waits
        /// Not at all, for this reason.
        case refused(ModelCacheError)

        /// One word: `resident`, `loading`, `fits`, `evicts`, `waits` or `refused`.
        public var label: String {
            switch self {
            case .resident: "resident"
            case .loading: "loading"
            case .fits: "fits"
            case .evicts: "evicts"
            case .waits: "waits"
            case .refused: "refused"
            }
        }
    }

    /// The model.
    public var model: ModelID
    /// How the request would be met.
    public var outcome: Outcome
    /// What loading it adds to what is reserved; zero where it is in memory with enough context.
    public var needed: DomainBytes
    /// What may still be reserved now.
    public var free: DomainBytes
    /// What may be reserved at most now.
    public var limit: DomainBytes
    /// The tokens of context one request could use.
    public var contextTokens: Int
    /// What could be evicted now, in the order of the identifiers; the chosen ones are the
    /// ``victims``.
    public var candidates: [DecisionCandidate]
    /// How long the load itself takes; zero where there is none.
    public var loadTime: Duration
    /// How long the request would wait, its own load included, as far as load times tell:
    /// nobody knows when leases end.
    public var wait: Duration

    /// What would be evicted.
    public var victims: [DecisionCandidate] { candidates.filter { $0.fate == .evicted } }

    /// Creates a forecast.
    public init(
        model: ModelID,
        outcome: Outcome,
        needed: DomainBytes = .zero,
        free: DomainBytes,
        limit: DomainBytes,
        contextTokens: Int,
        candidates: [DecisionCandidate] = [],
        loadTime: Duration = .zero,
        wait: Duration = .zero
    ) {
        self.model = model
        self.outcome = outcome
        self.needed = needed
        self.free = free
        self.limit = limit
        self.contextTokens = contextTokens
        self.candidates = candidates
        self.loadTime = loadTime
        self.wait = wait
    }
}
