/// Averages how much of the time goes into loading.
struct PressureMeter: Sendable {
    private var pressure = LoadPressure()
    private var isLoading = false
    private var isReloading = false
    private var asOf = CacheInstant.start

    /// The half-life of the averages, in seconds.
    private static let halfLife = 120.0
    private static let limit = 0.5
    /// Below this the cache is no longer oversubscribed; far enough below for no flutter.
    private static let calm = 0.3

    /// The averages as of `now`.
    func pressure(at now: CacheInstant) -> LoadPressure {
        let elapsed = max(0, now.duration(since: asOf) / .seconds(1))
        let kept = ElementaryFunctions.decay(over: elapsed, halfLife: Self.halfLife)
        var result = pressure
        result.loadingShare = kept * pressure.loadingShare + (isLoading ? 1 - kept : 0)
        result.reloadingShare = kept * pressure.reloadingShare + (isReloading ? 1 - kept : 0)
        let limit = pressure.isOversubscribed ? Self.calm : Self.limit
        result.isOversubscribed = result.reloadingShare > limit
        return result
    }

    /// Notes whether anything is being loaded from now on, and whether it was evicted lately.
    ///
    /// - Returns: The averages, if the cache became or ceased to be oversubscribed.
    mutating func note(
        isLoading: Bool,
        isReloading: Bool,
        at now: CacheInstant
    ) -> LoadPressure? {
        let before = pressure.isOversubscribed
        pressure = pressure(at: now)
        asOf = max(asOf, now)
        self.isLoading = isLoading
        self.isReloading = isReloading
        return pressure.isOversubscribed == before ? nil : pressure
    }
}
