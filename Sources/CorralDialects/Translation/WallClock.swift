#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tells the time of day, for answers that carry it.
package struct WallClock: Sendable {
    /// Seconds since 1970 in UTC.
    package var now: @Sendable () -> Double

    /// Creates a clock that asks `now`.
    package init(now: @escaping @Sendable () -> Double) { self.now = now }

    /// Writes a moment as RFC 3339 has it.
    ///
    /// - Parameter seconds: Seconds since 1970.
    /// - Returns: Such as `2026-03-01T09:30:00.250Z`.
    package static func text(_ seconds: Double) -> String {
        // RFC 3339 has years of four digits.
        let latest = 253_402_300_799.0
        let date = Date(timeIntervalSince1970: min(max(seconds, 0), latest))
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
