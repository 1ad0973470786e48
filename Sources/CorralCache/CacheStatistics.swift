public import CorralMemory

/// What the cache holds and has done, at one moment.
public struct CacheStatistics: Hashable, Sendable {
    /// The state of one model.
    public struct Model: Hashable, Sendable {
        /// Where a model is in its life.
        public enum State: String, Codable, Hashable, Sendable {
            /// Memory is reserved, the engine is loading.
            case loading
            /// Usable.
            case resident
            /// Usable by those who lease it; then it leaves.
            case draining
            /// The engine is freeing it; its memory still counts.
            case unloading
            /// Failed lately and not tried again yet.
            case coolingDown = "cooling_down"
            /// Not in memory.
            case absent
        }

        /// The model: path, role, profile.
        public var id: ModelID
        /// Where it is in its life.
        public var state: State
        /// The fraction of a load that is done, from 0 to 1; 1 when loaded.
        public var progress: Double
        /// Whether it is pinned.
        public var isPinned: Bool
        /// What was planned for it.
        public var planned: Footprint?
        /// What is reserved for it now: its plan, or what it was found to hold
        /// where that is more.
        public var reserved: Footprint?
        /// What it was last found to hold.
        public var measured: MeasuredMemory?
        /// The tokens of context one request can use; zero when absent.
        public var contextTokens: Int
        /// The time since its load ended; `nil` unless resident.
        public var age: Duration?
        /// The time since its last lease ended; `nil` while leased or absent.
        public var idle: Duration?
        /// How long it may stay idle, as it was asked for.
        public var keepAlive: KeepAlive
        /// How long that is for this model; `nil` until it is evicted, or while it is absent.
        public var idleLimit: Duration?
        /// The eviction policy's score; `nil` unless resident.
        public var score: EvictionScore?
        /// Its place among those that may be evicted now, from 1, which goes first.
        ///
        /// `nil` for a model that is leased, pinned, too fresh, moving or absent.
        public var evictionRank: Int?
        /// Whether it was loaded before anybody asked for it, and nobody has yet.
        public var isPrefetched: Bool
        /// The leases on it now.
        public var leases: Int
        /// The requests that wait for it now.
        public var waiting: Int
        /// What it has done since the cache began.
        public var record: ModelRecord
    }

    /// Every model that is or was resident or asked for, by identifier.
    public var models: [Model]
    /// What may be reserved in each domain at most.
    public var budget: DomainBytes
    /// The budget, further bounded by what the host can spare now.
    public var limit: DomainBytes
    /// What is reserved now.
    public var reserved: DomainBytes
    /// The requests that wait.
    public var waiting: Int
    /// The requests of ``waiting`` with batch priority, which give way to the others.
    public var waitingBatch: Int
    /// How long a request that came now would wait behind those that wait already, without its
    /// own load, as far as load times tell.
    public var predictedWait: Duration
    /// How much of the time goes into loading.
    public var pressure: LoadPressure
    /// The hints that are still good.
    public var hints: Int
    /// The decisions made since the cache began; the last are in ``ModelCache/decisions(about:)``.
    public var decisions: Int
    /// The totals over all models.
    public var totals: ModelRecord
    /// The keep-alive of models for which nobody chose another.
    public var keepAlive: KeepAlive
    /// The name of the eviction policy.
    public var policy: String
    /// The time since the cache began.
    public var uptime: Duration
}

/// Counts of one model, or of all.
public struct ModelRecord: Hashable, Sendable {
    /// Leases granted.
    public var leasesGranted = 0
    /// Leases granted at once, because the model was resident.
    public var hits = 0
    /// Loads that ended well.
    public var loads = 0
    /// Loads that failed.
    public var loadFailures = 0
    /// The time all loads that ended well took together.
    public var loadTime: Duration = .zero
    /// Loads begun before anybody asked.
    public var prefetches = 0
    /// Those of ``prefetches`` that somebody asked for while they were under way or resident.
    public var prefetchesUsed = 0
    /// Times it was evicted to make room.
    public var evictions = 0
    /// Times it ended without being asked to.
    public var exits = 0
    /// Requests refused or given up.
    public var refusals = 0

    /// Creates a record of nothing.
    public init() {}

    /// Adds another record to this one.
    public static func += (lhs: inout ModelRecord, rhs: ModelRecord) {
        lhs.leasesGranted += rhs.leasesGranted
        lhs.hits += rhs.hits
        lhs.loads += rhs.loads
        lhs.loadFailures += rhs.loadFailures
        lhs.loadTime += rhs.loadTime
        lhs.prefetches += rhs.prefetches
        lhs.prefetchesUsed += rhs.prefetchesUsed
        lhs.evictions += rhs.evictions
        lhs.exits += rhs.exits
        lhs.refusals += rhs.refusals
    }
}

/// How much of its time the cache has spent loading lately.
///
/// All are averages in which what happened two minutes ago counts half.
public struct LoadPressure: Hashable, Sendable {
    /// The share of the time in which something was being loaded for a request, from 0 to 1.
    public var loadingShare = 0.0

    /// The share of the time in which a model was loaded for a request that had been evicted
    /// for another less than ten minutes before, from 0 to 1.
    public var reloadingShare = 0.0

    /// Whether most of the time goes into bringing back what was just evicted: more models are
    /// asked for than fit.
    ///
    /// Sticks until the share has fallen well below a half.
    public var isOversubscribed = false

    /// Creates the state of a cache that has loaded nothing.
    public init() {}
}
