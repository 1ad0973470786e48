/// A clock reduced to what the cache needs: the time, and sleeping until a time.
///
/// An existential clock has no comparable instants, so it is opened once, here.
struct Timeline: Sendable {
    private let readNow: @Sendable () -> CacheInstant
    private let sleepUntil: @Sendable (CacheInstant) async throws -> Void

    /// Starts at zero now, by `clock`.
    init(_ clock: any Clock<Duration>) {
        self.init(opened: clock)
    }

    private init<C: Clock>(opened clock: C) where C.Duration == Duration {
        let origin = clock.now
        readNow = { CacheInstant(sinceStart: origin.duration(to: clock.now)) }
        sleepUntil = { instant in
            try await clock.sleep(until: origin.advanced(by: instant.sinceStart), tolerance: nil)
        }
    }

    var now: CacheInstant { readNow() }

    func sleep(until instant: CacheInstant) async throws {
        try await sleepUntil(instant)
    }
}
