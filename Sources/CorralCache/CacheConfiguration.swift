/// The settings of a cache.
///
/// The default keep-alive can be changed while the cache lives, with
/// ``ModelCache/setDefaultKeepAlive(_:)``; the rest cannot.
public struct CacheConfiguration: Sendable {
    /// How long an idle model stays when neither it nor a request says.
    ///
    /// Until evicted by default: an idle limit alone costs half as much reload
    /// time again as plain LRU (docs/policy.md), so it is for giving memory back
    /// to other programs, not for choosing victims.
    public var keepAlive: KeepAlive = .untilEvicted

    /// How many requests may wait at once.
    public var queueLimit = 512

    /// How long a request may wait for its model; `nil` waits for ever.
    public var maximumWait: Duration? = .seconds(600)

    /// How long a request waits for leased models to fall idle before one of
    /// them is chosen to drain: it finishes what it does and takes no more.
    public var agingBound: Duration = .seconds(20)

    /// How much later than it came a batch request counts as having come: a batch request never
    /// waits behind an interactive one that came more than this after it.
    public var batchHandicap: Duration = .seconds(60)

    /// For how many times the duration of its load a model may not be evicted for another,
    /// so that a machine that is short of memory does not spend all its time loading.
    ///
    /// It protects for ``agingBound`` at most, and only while it is used: a model that was idle
    /// for a quarter of its load's duration may go. Zero protects nothing.
    public var minimumResidency = 1.0

    /// Whether a request is refused at once that would wait longer than it may, as far as the
    /// load times of those before it tell.
    public var refusesHopelessWaits = true

    /// Which models are loaded before they are asked for.
    public var prefetching = Prefetching.hinted

    /// Whether idle models are unloaded, those worth least first, when other programs need
    /// the memory; otherwise only requests make models leave.
    public var givesMemoryBack = false

    /// The share of time in which tasks wait for memory that counts as pressure, from 0 to 1,
    /// where ``givesMemoryBack`` is set and the host tells it.
    public var pressureLimit = 0.1

    /// How many decisions are kept for ``ModelCache/decisions(about:)``.
    public var decisionLimit = 256

    /// What ``ModelCache/learned`` said before a restart, to go on from.
    public var learned: LearnedState?

    /// How long ago, by the wall clock, ``learned`` was taken when the cache is created.
    public var learnedAgo: Duration = .zero

    /// How long a model that failed once is not tried again; doubles with each
    /// failure that follows, up to ``longestCoolDown``.
    public var coolDown: Duration = .seconds(1)

    /// The longest time a failing model is not tried again.
    public var longestCoolDown: Duration = .seconds(300)

    /// How often the host's memory is read again while a request waits for it.
    public var hostPollInterval: Duration = .seconds(1)

    /// Chooses victims: those that are cheapest to bring back.
    ///
    /// ``LeastRecentlyUsed`` costs a third more reload time (docs/policy.md).
    public var policy: any EvictionPolicy = ValueDensity()

    /// Creates the default settings.
    public init() {}
}

/// Which models the cache loads before they are asked for.
public enum Prefetching: String, CaseIterable, Codable, Hashable, Sendable {
    /// None: hints are declined.
    case off
    /// Those that clients say they will want next.
    case hinted
    /// Those too that have usually been asked for after the model that was just used.
    case predicted
}
