import CorralObservability
import HTTPTypes
import Hummingbird
import Synchronization

/// A request with what was found out about it.
struct RequestInfo: Sendable {
    let request: Request
    let id: String
    /// Began when the request's head had come.
    let received: Stopwatch
    /// The origin that may read the answer, where one was named and may.
    var origin: String?
    /// The key that was sent, where one is needed.
    var key: APIKey?
    /// The request's place among those under way with the key, where the key limits them.
    var slot: RequestSlots.Slot?

    var path: String { request.uri.path }
}

/// Names requests that come without a name: a prefix drawn at random, so that two
/// servers' names differ, and a number.
final class RequestIDs: Sendable {
    private let prefix: String
    private let count = Atomic<UInt64>(0)

    init(using generator: inout some RandomNumberGenerator) {
        prefix = String(UInt32.random(in: .min ... .max, using: &generator), radix: 36)
    }

    func next() -> String {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        return "\(prefix)-\(number)"
    }

    /// The client's own identifier, where it is short and plain, or a new one.
    func id(of request: Request) -> String {
        guard let id = request.headers[.requestID], (1...128).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return next() }
        return id
    }
}
