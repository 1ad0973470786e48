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
        var keepAlive: KeepAliveView
        var leases: Int
        var waiting: Int
        var loads: Int?
        var loadSeconds: Double?
    }

    /// How much of its time the daemon spends loading.
    struct Pressure: Decodable, Hashable, Sendable {
        var loadingShare: Double
        var reloadingShare: Double
        var oversubscribed: Bool
    }

    var pressure: Pressure?
    var predictedWaitSeconds: Double?
    var uptimeSeconds: Double
    var policy: String
    var waiting: Int
    var memory: Memory
    var models: [Model]
}

/// How long a model may stay idle: a number of seconds, or words.
struct KeepAliveView: Decodable, Hashable, Sendable {
    /// As people read it.
    var text: String

    init(text: String) { self.text = text }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let seconds = try? container.decode(Double.self) {
            text = seconds < 0 ? "until evicted" : Duration.seconds(seconds).brief
        } else {
            text = try container.decode(String.self)
        }
    }
}

extension DaemonStatus.Footprint {
    /// The bytes in all domains together.
    var bytes: ByteCount { total.values.reduce(.zero) { $0 + ByteCount($1) } }
}
