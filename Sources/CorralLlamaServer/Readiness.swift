import CorralCache
import CorralHTTP
import HTTPTypes

/// Waits until a process can answer, or cannot any more.
struct Readiness {
    var child: ChildProcess
    var socket: String
    var client: HTTPClient
    var clock: Timeline
    var deadline: Duration

    /// How a load ended.
    enum Outcome: Sendable {
        /// It can answer; what it says of itself, where it says anything.
        case ready(ReadyReport?)
        /// The process ended.
        case ended
        /// The load took longer than its deadline.
        case deadline
        /// The task that waits was cancelled.
        case cancelled
    }

    /// How long a process may be silent before it is asked: one that speaks the protocol of a
    /// child does so within milliseconds.
    private static let silence = Duration.milliseconds(500)

    /// How often it is asked then.
    private static let interval = Duration.milliseconds(100)

    func outcome() async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                guard let said = await child.ready.valueUnlessCancelled() else { return .cancelled }
                return said.map { .ready($0) } ?? .ended
            }
            group.addTask {
                do { try await clock.sleep(for: deadline) } catch { return .cancelled }
                return .deadline
            }
            group.addTask { await health() }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
    }

    /// Asks a process that does not speak the protocol whether it is ready.
    private func health() async -> Outcome {
        do {
            try await clock.sleep(for: Self.silence)
            while true {
                // One that speaks says so itself; this waits to be cancelled.
                if child.spokeProtocol {
                    _ = await child.ended.valueUnlessCancelled()
                    return Task.isCancelled ? .cancelled : .ended
                }
                if await isHealthy() { return .ready(nil) }
                try await clock.sleep(for: Self.interval)
            }
        } catch {
            return .cancelled
        }
    }

    private func isHealthy() async -> Bool {
        let answer = try? await client.send("/health", to: .unixSocket(socket), within: .seconds(2))
        return answer?.status == .ok
    }
}
