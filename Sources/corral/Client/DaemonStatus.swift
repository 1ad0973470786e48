import CorralMemory

/// What a daemon tells of itself at `/corral/v1/status`, as far as people are shown it.
struct DaemonStatus: Decodable, Hashable, Sendable {
    struct Memory: Decodable, Hashable, Sendable {
        var budget: [String: Int64]
        var limit: [String: Int64]
        var reserved: [String: Int64]
    }

    struct Footprint: Decodable, Hashable, Sendable {
        var total: [String: Int64]
    }

    struct Measured: Decodable, Hashable, Sendable {
        var exclusive: [String: Int64]
        var fileBacked: Int64

        var total: ByteCount {
            exclusive.values.reduce(ByteCount(fileBacked)) { $0 + ByteCount($1) }
        }
    }

    struct Model: Decodable, Hashable, Sendable {
        var model: String
        var role: String
        var state: String
        var progress: Double
        var pinned: Bool
        var contextTokens: Int
        var planned: Footprint?
        var reserved: Footprint?
        var measured: Measured?
        var idleSeconds: Double?
        var keepAlive: Double
        var leases: Int
        var waiting: Int
    }

    var uptimeSeconds: Double
    var policy: String
    var waiting: Int
    var memory: Memory
    var models: [Model]
}

extension DaemonStatus.Footprint {
    /// The bytes in all domains together.
    var bytes: ByteCount { total.values.reduce(.zero) { $0 + ByteCount($1) } }
}
