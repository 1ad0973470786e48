/// A clock reduced to the time since it was made, and to sleeping until such a time.
///
/// An existential clock has no comparable instants, so it is opened once, here.
package struct Timeline: Sendable {
    private let readNow: @Sendable () -> CacheInstant
    private let sleepUntil: @Sendable (CacheInstant) async throws -> Void

    /// Starts at zero now, by `clock`.
    package init(_ clock: any Clock<Duration>) {
        self.init(opened: clock)
    }

    private init<C: Clock>(opened clock: C) where C.Duration == Duration {
        let origin = clock.now
        readNow = { CacheInstant(sinceStart: origin.duration(to: clock.now)) }
        sleepUntil = { instant in
            try await clock.sleep(until: origin.advanced(by: instant.sinceStart), tolerance: nil)
        }
    }

    /// The time since it was made.
    package var now: CacheInstant { readNow() }

    /// Suspends for a time.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package func sleep(for duration: Duration) async throws {
        try await sleep(until: now.advanced(by: duration))
    }

    /// Suspends until an instant.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package func sleep(until instant: CacheInstant) async throws {
        try await sleepUntil(instant)
    }
}
