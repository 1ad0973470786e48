/// A monotonic instant, measured from the moment its cache was created.
public struct CacheInstant: Comparable, Hashable, Sendable {
    /// The time since the cache was created.
    public var sinceStart: Duration

    /// Creates an instant `sinceStart` after the cache was created.
    public init(sinceStart: Duration) {
        self.sinceStart = sinceStart
    }

    /// The moment the cache was created.
    public static let start = CacheInstant(sinceStart: .zero)

    /// The instant `duration` later.
    public func advanced(by duration: Duration) -> CacheInstant {
        CacheInstant(sinceStart: sinceStart + duration)
    }

    /// The time from `earlier` to this instant.
    public func duration(since earlier: CacheInstant) -> Duration {
        sinceStart - earlier.sinceStart
    }

    /// Orders by time.
    public static func < (lhs: CacheInstant, rhs: CacheInstant) -> Bool {
        lhs.sinceStart < rhs.sinceStart
    }
}
