import Dispatch

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a daemon is asked for while it runs.
package enum DaemonSignal: Hashable, Sendable {
    /// To let answers finish and end; asked twice, to end at once.
    case end
    /// To read its configuration again.
    case reload
}

/// The signals that ask the process for something.
package enum ProcessSignals {
    /// Each signal as it comes, from now on; they no longer end the process by themselves.
    ///
    /// SIGINT and SIGTERM ask for the end, SIGHUP for the configuration to be read again.
    package static func received() -> AsyncStream<DaemonSignal> {
        let (stream, continuation) = AsyncStream<DaemonSignal>.makeStream()
        let queue = DispatchQueue(label: "corral.signals")
        let meanings: [(Int32, DaemonSignal)] = [
            (SIGINT, .end), (SIGTERM, .end), (SIGHUP, .reload),
        ]
        for (number, meaning) in meanings {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                // The source holds its handler, and this holds the source: for as long as the
                // process lives, as the disposition above does.
                guard !source.isCancelled else { return }
                continuation.yield(meaning)
            }
            source.resume()
        }
        return stream
    }

    /// Ends the process without waiting for anything.
    package static func endProcess() { exit(1) }
}
