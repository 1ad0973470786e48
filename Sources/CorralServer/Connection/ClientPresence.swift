import NIOCore
import Synchronization

/// Whether the client of one connection is still there.
///
/// A client that closes its side of the connection looks the same whether it went
/// away or only has no more to say. Short answers are sent either way; work that
/// costs a model's time is for a client that stays, so a route that begins such
/// work says so with ``expectStay()``, and from then on the end of input counts as
/// going away, as it does for nginx and for llama-server itself.
final class ClientPresence: Sendable {
    /// The presence of the client whose request the current task answers.
    @TaskLocal static var current: ClientPresence?

    private struct State {
        var hasEndedInput = false
        var mustStay = false
    }

    private let state = Mutex(State())
    private let departures: AsyncStream<Never>
    private let departure: AsyncStream<Never>.Continuation
    private let eventLoop: any EventLoop

    /// - Parameter eventLoop: Where the connection lives.
    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        (departures, departure) = AsyncStream.makeStream()
    }

    /// From now on a client that closes its side of the connection counts as gone.
    func expectStay() {
        let isGone = state.withLock { state in
            state.mustStay = true
            return state.hasEndedInput
        }
        if isGone { departure.finish() }
    }

    /// The client closed its side of the connection.
    func inputEnded() {
        let isGone = state.withLock { state in
            state.hasEndedInput = true
            return state.mustStay
        }
        if isGone { departure.finish() }
    }

    /// The connection is closed.
    func connectionClosed() {
        departure.finish()
    }

    /// Suspends until the client has gone, or the task is cancelled.
    ///
    /// One task may wait.
    func gone() async {
        for await _ in departures {}
    }

    /// Suspends until the connection has taken in all that was written to it.
    ///
    /// A write returns before its event loop has seen it, and suspends only once
    /// the loop has found the connection full; until then a fast model could
    /// write any amount.
    func settle() async throws {
        try await eventLoop.submit {}.get()
    }
}
