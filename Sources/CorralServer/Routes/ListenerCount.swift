import CorralDialects
import Synchronization

/// Counts the connections that listen to events, and keeps their number bounded: each has a buffer
/// for as long as its client likes.
final class ListenerCount: Sendable {
    private let limit: Int
    private let current = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// The connections that listen now.
    var count: Int { current.withLock { $0 } }

    /// Lets one more connection listen, for as long as the pass lives.
    ///
    /// - Throws: ``RequestError`` when as many listen as may.
    func admit() throws(RequestError) -> Pass {
        let isAdmitted = current.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            var error = RequestError(
                .tooManyListeners,
                "\(limit) connections listen to events already, the limit; close one of them."
            )
            error.retryAfter = 5
            throw error
        }
        return Pass(self)
    }

    private func leave() {
        current.withLock { $0 -= 1 }
    }

    /// The permission of one connection to listen.
    final class Pass: Sendable {
        private let listeners: ListenerCount

        fileprivate init(_ listeners: ListenerCount) {
            self.listeners = listeners
        }

        deinit { listeners.leave() }
    }
}
