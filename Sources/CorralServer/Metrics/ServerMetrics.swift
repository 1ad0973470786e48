import CorralCache
import Synchronization

/// Counts what happens while the server runs.
///
/// Everything it knows of the cache comes from `CacheEvent`s; what it knows of
/// answers, the relay tells it once each has ended.
final class ServerMetrics: Sendable {
    /// All that is counted.
    struct Counts: Sendable {
        var cache = CacheMetrics()
        var requests = RequestMetrics()
    }

    private let state = Mutex(Counts())

    /// What is counted by now.
    var counts: Counts { state.withLock { $0 } }

    /// Takes in what the cache did.
    func record(_ event: CacheEvent) {
        state.withLock { $0.cache.record(event) }
    }

    /// Takes in an answer of a model that has ended.
    func record(_ record: AnswerRecord, of model: ModelID) {
        state.withLock { $0.requests.record(record, of: model) }
    }

    /// Counts an answer whose head is decided.
    ///
    /// - Parameters:
    ///   - route: Where it was asked, as ``RouteTable/label(of:)`` names it.
    ///   - status: The status.
    func answered(route: String, status: Int) {
        state.withLock { $0.requests.answered(route: route, status: status) }
    }

    /// Counts an error a client is told of.
    func refused(_ error: RequestError) {
        state.withLock { $0.requests.refused(code: error.code.name) }
    }
}
