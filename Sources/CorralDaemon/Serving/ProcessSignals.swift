import Dispatch

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The signals that ask the process for something.
enum ProcessSignals {
    /// Those that ask it to end.
    static let termination = [SIGINT, SIGTERM]

    /// The one that asks it to read its configuration again.
    static let hangup = [SIGHUP]

    /// Each of some signals as it comes, from now on; they no longer end the process by themselves.
    static func received(_ numbers: [Int32]) -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        let queue = DispatchQueue(label: "corral.signals")
        for number in numbers {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                // The source holds its handler, and this holds the source: for as long as the
                // process lives, as the disposition above does.
                guard !source.isCancelled else { return }
                continuation.yield(number)
            }
            source.resume()
        }
        return stream
    }

    /// Ends the process without waiting for anything.
    static func endProcess() -> Never { exit(1) }
}
