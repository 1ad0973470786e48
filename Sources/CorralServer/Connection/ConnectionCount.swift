import Synchronization

/// Counts the connections that are open, over all addresses the server listens at.
final class ConnectionCount: Sendable {
    /// How a connection that opens is treated.
    enum Admission: Hashable, Sendable {
        /// The connection is served.
        case served
        /// It is told that too many connections are open, and closed.
        case refused
        /// It is closed without a word, because too many others are being told so.
        case dropped
    }

    /// The connections above the limit that are told so at a time.
    static let courtesy = 64

    private let limit: Int
    private let open = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// A connection opened; ``closed()`` must follow.
    func opened() -> Admission {
        let count = open.wrappingAdd(1, ordering: .relaxed).newValue
        if count <= limit { return .served }
        return count <= limit + Self.courtesy ? .refused : .dropped
    }

    /// A connection closed.
    func closed() {
        open.wrappingSubtract(1, ordering: .relaxed)
    }

    /// How many connections are open.
    var count: Int { open.load(ordering: .relaxed) }
}
