public import CorralMemory

/// Something the cache did or learned; logs, metrics, dashboards and tests all
/// read these, and there is no other hook.
public struct CacheEvent: Hashable, Sendable {
    /// When it happened.
    public var time: CacheInstant

    /// The model it concerns, if one.
    public var model: ModelID?

    /// What happened.
    public var kind: Kind

    /// What happened, with what is worth knowing of it.
    public enum Kind: Hashable, Sendable {
        /// A lease was granted after waiting so long; at once for a resident model.
        case leaseGranted(hit: Bool, waited: Duration)
        /// A lease was given back after so long.
        case leaseReleased(held: Duration)
        /// A request waits; so many wait now.
        case requestQueued(waiting: Int)
        /// A request was refused or gave up.
        case requestRefused(ModelCacheError)
        /// A load began with this footprint reserved.
        case loadStarted(planned: Footprint)
        /// A load ended well.
        case loadFinished(took: Duration, measured: MeasuredMemory?)
        /// A load failed; the model is not tried again before `retryAfter`.
        case loadFailed(message: String, retryAfter: Duration)
        /// A load was abandoned because nobody waited for it any more.
        case loadCancelled
        /// A resident model was measured.
        case measured(MeasuredMemory, aboveBudget: DomainBytes)
        /// A model was told to finish its leases and take no more.
        case draining(UnloadReason)
        /// A model that was told to make room may stay after all: it was pinned, or
        /// nobody waits for the room any more.
        case drainCancelled
        /// A model began to be unloaded.
        case unloadStarted(UnloadReason)
        /// A model is gone and its memory is free.
        case unloadFinished(returned: DomainBytes)
        /// A model ended without being asked to, with so many leases on it.
        case exited(message: String, leases: Int)
        /// A model was pinned or unpinned.
        case pinChanged(Bool)
        /// What the host can spare changed the limit to this.
        case limitChanged(DomainBytes)
        /// A model is loaded before it is asked for, so likely is it wanted, from 0 to 1.
        case prefetchStarted(confidence: Double)
        /// The file of a model that is likely to be wanted is read into the page cache.
        case readAheadStarted
        /// Most of the time goes into bringing back what was just evicted, or no longer does.
        case oversubscriptionChanged(LoadPressure)
        /// The cache began to shut down.
        case shutdownStarted
        /// The cache has shut down.
        case shutdownFinished
    }

    /// Creates an event.
    public init(time: CacheInstant, model: ModelID? = nil, kind: Kind) {
        self.time = time
        self.model = model
        self.kind = kind
    }
}

/// Why a model leaves.
public enum UnloadReason: Hashable, Sendable {
    /// Its memory is needed: for this model, and chosen because of this.
    case evicted(for: ModelID?, because: EvictionReason)
    /// Other programs need its memory, and it was worth least.
    case pressure(because: EvictionReason)
    /// The model was idle for as long as it may be.
    case idle
    /// Somebody asked.
    case requested
    /// A request needs more context than it was loaded with.
    case reloadedWithMoreContext
    /// The cache shuts down.
    case shutdown

    /// One word for metrics: `space`, `pressure`, `idle`, `request`, `context`, `shutdown`.
    public var label: String {
        switch self {
        case .evicted: "space"
        case .pressure: "pressure"
        case .idle: "idle"
        case .requested: "request"
        case .reloadedWithMoreContext: "context"
        case .shutdown: "shutdown"
        }
    }
}
