package import CorralMemory

/// Decides which models are resident and who may use them; never acts.
///
/// Every event is a mutating method in the past tense that takes the time and
/// returns the actions to carry out, in order. Below this line there is no clock,
/// no randomness, no lock, no task, no logger and no engine.
///
/// Laws, checked by ``brokenInvariant()`` and by the oracle in CorralTesting:
/// 1. What is reserved never exceeds the limit of any domain by a decision.
///    Memory is reserved before a load and returned when the unload has finished.
///    A load that measures above its plan is recorded at its true size, and
///    eviction follows.
/// 2. A leased, loading or pinned model is never evicted. A pinned model is unloaded only when
///    somebody asks for that, or to come back with more context; it stays pinned then.
/// 3. Each waiter is resumed exactly once; a cancelled waiter is never granted; a
///    cancelled load frees its reservation.
/// 4. One load per model however many ask.
/// 5. Nothing is evicted for a request that cannot fit even then: it fails at
///    once and says what would help. Nor is a resident model unloaded to be loaded with more
///    context, before the memory for that can be had.
/// 6. A request that waits for memory holds back later loads, never later hits;
///    past the aging bound a leased victim drains, so hot models cannot starve it.
/// 7. The queue is bounded.
/// 8. At most one alarm counts; a stale one is ignored when it fires.
/// 9. When nothing is loading, unloading, leased or fresh, nobody waits.
/// 10. Iteration order never decides.
/// 11. What was loaded a short time ago is not evicted for another while it is used; that never
///     lasts longer than the aging bound.
/// 12. Nothing is loaded for a hint while a request waits, and a load for a hint is called off
///     as soon as a request needs its memory or most of its load is still to come.
/// 13. A leased model that is to come back with more context takes no new leases; it takes them
///     again as soon as nobody waits for that context any more.
package struct CacheStateMachine<Waiter> {
    /// What the driver does next, outside the lock, in order.
    package enum Action {
        /// Load as planned for this request, or for a hint; answer with `loadSucceeded` or
        /// `loadFailed`.
        case load(ModelID, Residency, for: LeaseID?)
        /// Abandon a load; `loadFailed` or `loadSucceeded` still answers it.
        case cancelLoad(ModelID, Residency)
        /// Unload; answer with `unloadFinished`.
        case unload(ModelID, Residency)
        /// Measure; answer with `measured`.
        case measure(ModelID, Residency)
        /// Read a hinted model's file into the page cache; answer with `readAheadFinished`.
        case readAhead(ModelID)
        /// Abandon reading ahead; `readAheadFinished` still answers it.
        case cancelReadAhead(ModelID)
        /// Plan a model that is likely to be wanted, and report it with `modelHinted`.
        case plan(ModelID, confidence: Double)
        /// Let a suspended caller go on.
        case resume(Waiter, with: Result<Void, ModelCacheError>)
        /// Report `alarmFired` at this time.
        case wake(at: CacheInstant)
        /// Tell whoever listens.
        case emit(CacheEvent)
        /// Everything is unloaded and nothing will be loaded again.
        case finish
    }

    /// The immediate answer to a request.
    package enum Admission: Hashable {
        case granted
        case queued
        case refused(ModelCacheError)
    }

    /// One stay of a model in memory, from the start of its load to the end of
    /// its unload; what an engine reports of an earlier stay is ignored.
    package struct Residency: Hashable, Sendable {
        package var rawValue: UInt64

        package init(rawValue: UInt64) {
            self.rawValue = rawValue
        }
    }

    package struct LeaseID: Hashable, Sendable {
        package var rawValue: UInt64

        package init(rawValue: UInt64) {
            self.rawValue = rawValue
        }
    }

    /// One model that holds memory.
    struct Slot {
        enum State: Hashable {
            /// Memory is reserved, the engine loads. Next: `resident`; gone when
            /// the load fails; `unloading` when it succeeds although cancelled.
            case loading(progress: Double, isCancelled: Bool)
            /// Usable. Next: `unloading`; gone when the model exits.
            case resident
            /// The engine frees it. Next: gone.
            case unloading
        }

        var residency: Residency
        var state: State
        var estimate: LoadEstimate
        var measured: MeasuredMemory?
        var leases = 0
        var lastUsed: CacheInstant
        /// When the load started; once it has ended, when it ended.
        var since: CacheInstant
        var keepAlive: KeepAlive
        /// No new leases; unloaded, for this reason, when the last one ends.
        var draining: UnloadReason?
        /// Why the model ended, where the engine reported that before it reported its load.
        var exitMessage: String?
        /// Leases granted at once in this stay; its record counts them when it ends.
        var hits = 0
        /// Nobody has used it yet, so its compute buffers are not all touched.
        var isFresh = true
        /// Whether it was loaded for a hint.
        var prefetch = Prefetch.none
        /// How likely it was to be wanted, where it was loaded for a hint.
        var hintConfidence = 0.0
        /// How long its load took, or is expected to.
        var loadTime = Duration.zero
        /// What bringing it back costs for each GB it holds, in seconds.
        var reloadSecondsPerGB = 0.0
        /// What computing its conversations again would cost, in seconds.
        var conversationSeconds = 0.0

        /// Whether it is in memory or on its way there, and not on its way out.
        var isStaying: Bool {
            switch state {
            case .loading(_, let isCancelled): !isCancelled
            case .resident: true
            case .unloading: false
            }
        }

        var isLoading: Bool { if case .loading = state { true } else { false } }

        /// How long it may be idle; `nil` where it may until it is evicted.
        var idleLimit: Duration? {
            switch keepAlive {
            case .idle(let limit): limit
            case .untilEvicted: nil
            case .skiRental(let gigabyteSeconds):
                .seconds(min(max(0, gigabyteSeconds * reloadSecondsPerGB), 1e8))
            }
        }
    }

    /// Whether a model was loaded for a hint, and whether the hint came true.
    enum Prefetch: Hashable {
        /// The model was loaded for a request.
        case none
        /// It was loaded for a hint that is good until then, and nobody has asked for it yet.
        case unused(until: CacheInstant)
        /// It was loaded for a hint, and somebody has asked for it since.
        case used

        var isUnused: Bool { if case .unused = self { true } else { false } }
    }

    /// A model that is expected to be wanted.
    struct Hint {
        var model: ModelID
        var estimate: LoadEstimate
        /// How likely it is wanted, from 0 to 1.
        var confidence: Double
        var expires: CacheInstant
        /// Its file was read into the page cache, or need not be.
        var isReadAhead = false
        /// Whether it was recorded that nothing is evicted for the hint.
        var wasDeclined = false
    }

    /// A request that was not granted yet.
    struct Request {
        enum State {
            /// Queued; the caller has not suspended yet.
            case requested
            case waiting(Waiter)
            /// Cancelled between request and suspension.
            case cancelled
            /// Failed between request and suspension.
            case failed(ModelCacheError)
        }

        var model: ModelID
        var minimumContext: Int
        var keepAlive: KeepAlive?
        var estimate: LoadEstimate
        var priority: RequestPriority
        var requestedAt: CacheInstant
        /// When the request counts as having come; requests are served in the order of this.
        var rank: CacheInstant
        var deadline: CacheInstant?
        var state: State
        /// Whether it was recorded that the request has to wait for memory.
        var wasKept = false
    }

    /// A lease that was granted and not given back yet.
    struct Held {
        var model: ModelID
        /// The stay it was granted in; `nil` once it was ended under the lease.
        var residency: Residency?
        var since: CacheInstant
    }

    /// A model that failed lately.
    struct Failure {
        var count: Int
        var until: CacheInstant
        var message: String
    }

    enum Lifecycle {
        case running
        case shuttingDown
        case shutDown
    }

    var configuration: CacheConfiguration
    var budget: DomainBytes
    var policy: any EvictionPolicy

    var slots: [ModelID: Slot] = [:]
    var ledger = Ledger<ModelID>()
    var requests: [LeaseID: Request] = [:]
    var held: [LeaseID: Held] = [:]
    var queue: [LeaseID] = []
    var pins: Set<ModelID> = []
    var failures: [ModelID: Failure] = [:]
    var records: [ModelID: ModelRecord] = [:]
    /// When a model was last evicted for another.
    var evictedAt: [ModelID: CacheInstant] = [:]
    /// How long loads take, learned from the loads so far.
    var costs = LoadCosts()
    /// Where a model's file was found when it was last loaded.
    var storages: [ModelID: ModelStorage] = [:]
    var hints: [Hint] = []
    /// The models whose files are being read ahead; false where that was called off already.
    var reading: [ModelID: Bool] = [:]
    var transitions = TransitionStatistics()
    var log: DecisionLog
    var meter = PressureMeter()
    var gaveBackAt: CacheInstant?
    var hostAvailable: DomainBytes?
    var lifecycle = Lifecycle.running
    var alarm: CacheInstant?
    var nextLease: UInt64 = 0
    var nextResidency: UInt64 = 0

    /// Creates an empty cache that may reserve `budget`.
    package init(budget: DomainBytes, configuration: CacheConfiguration) {
        self.budget = budget
        self.configuration = configuration
        log = DecisionLog(limit: configuration.decisionLimit)
        policy = configuration.policy
        policy.budgetSet(to: budget)
        guard let learned = configuration.learned else { return }
        if let snapshot = learned.policy {
            costs = LoadCosts(snapshot)
            if snapshot.policy == policy.name {
                policy.restore(snapshot, at: .start, elapsed: configuration.learnedAgo)
            }
        }
        transitions.restore(learned.transitions)
    }
}

extension CacheStateMachine {
    /// What was learned and should survive a restart.
    package func learned(now: CacheInstant) -> LearnedState {
        LearnedState(policy: policy.snapshot(at: now), transitions: transitions.snapshot)
    }

    /// What was decided lately, of one model or of all; oldest first.
    package func decisions(about model: ModelID?) -> [DecisionRecord] {
        log.records(about: model)
    }
}

extension CacheStateMachine: Sendable where Waiter: Sendable {}
extension CacheStateMachine.Action: Sendable where Waiter: Sendable {}
extension CacheStateMachine.Request: Sendable where Waiter: Sendable {}
extension CacheStateMachine.Request.State: Sendable where Waiter: Sendable {}
