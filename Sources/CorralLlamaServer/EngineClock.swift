/// The clock the engine was given, with its kind of instant forgotten.
struct EngineClock: Sendable {
    /// Suspends for a time.
    let sleep: @Sendable (Duration) async throws -> Void

    /// The time since the engine was created.
    let elapsed: @Sendable () -> Duration

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
        elapsed = { start.duration(to: clock.now) }
    }
}
