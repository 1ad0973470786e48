/// The settings of a cache that do not change while it lives.
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

    /// How long a model that failed once is not tried again; doubles with each
    /// failure that follows, up to ``longestCoolDown``.
    public var coolDown: Duration = .seconds(1)

    /// The longest time a failing model is not tried again.
    public var longestCoolDown: Duration = .seconds(300)

    /// How often the host's memory is read again while a request waits for it.
    public var hostPollInterval: Duration = .seconds(1)

    /// Chooses victims; ``ValueDensity`` saves a quarter of the reload time for
    /// some 0.3 µs more a lease.
    public var policy: any EvictionPolicy = LeastRecentlyUsed()

    /// Creates the default settings.
    public init() {}
}
