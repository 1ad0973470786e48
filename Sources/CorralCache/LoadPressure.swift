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
