package import CorralMemory

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What loads have taken, to say what the next one will.
///
/// A load takes a fixed time, to start a process and make its context, and a time that grows
/// with the file. Both are learnt from the loads seen, as moving averages of their logarithms, so
/// that one load from a cold disk does not outweigh many from a warm one.
package struct LoadTimes: Sendable {
    /// Creates an estimate that has seen no load.
    package init() {}

    /// Seconds that do not depend on the file: 0.3 from the start of a process to the first token
    /// of a 98 MB model on two cores, measured, until loads have been seen.
    private(set) var fixedSeconds = 0.3

    /// Bytes read and prepared each second; the prior lies between a laptop's disk and a file
    /// that the system still holds in memory.
    private(set) var bytesPerSecond = 1e9

    /// The weight of the newest load.
    private static let rate = 0.3

    /// Below this size a load's time is mostly its fixed part.
    private static let small = 256.0 * 1024 * 1024

    /// How long a load of so many bytes is expected to take.
    package func expected(_ bytes: ByteCount) -> Duration {
        .seconds(fixedSeconds + Double(max(0, bytes.rawValue)) / bytesPerSecond)
    }

    /// Learns from a load.
    package mutating func record(_ bytes: ByteCount, took duration: Duration) {
        let seconds = max(duration / .seconds(1), 0.001)
        let size = Double(max(0, bytes.rawValue))
        if size < Self.small {
            let rest = max(seconds - size / bytesPerSecond, 0.01)
            fixedSeconds = Self.blend(fixedSeconds, rest)
        } else {
            // Never faster than memory itself: 20 GB/s.
            let rest = max(seconds - fixedSeconds, size / 20e9)
            bytesPerSecond = Self.blend(bytesPerSecond, size / rest)
        }
    }

    /// The weighted geometric mean.
    private static func blend(_ old: Double, _ new: Double) -> Double {
        old * pow(new / old, rate)
    }
}
