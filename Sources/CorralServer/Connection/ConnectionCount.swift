import Synchronization

/// Counts the connections that are open, over all addresses the server listens at.
final class ConnectionCount: Sendable {
    /// What becomes of a connection.
    enum Admission: Hashable, Sendable {
        /// It is served.
        case served
        /// It is told that there are too many.
        case refused
        /// There are too many even to tell.
        case dropped
    }

    /// How many above the limit are told so at a time.
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

    /// How many are open.
    var count: Int { open.load(ordering: .relaxed) }
}
