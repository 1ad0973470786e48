package import CoreMetrics
public import CorralMemory

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Who may ask the server, how much, and how slowly.
public struct ServerConfiguration: Sendable {
    /// Names of hosts that requests may be addressed to.
    ///
    /// This machine's own (`localhost`, 127.0.0.0/8, `[::1]`) need not be listed;
    /// others may be with or without a port, and `*` stands for any. Everything
    /// else is refused, against DNS rebinding.
    public var allowedHosts: [String] = []

    /// Origins whose pages may send requests besides local ones, such as
    /// `https://chat.example` or `app://*`; `*` for any.
    public var allowedOrigins: [String] = []

    /// Origins whose pages may also read the answers (CORS); `*` for any.
    ///
    /// They need not be listed in ``allowedOrigins`` again.
    public var corsOrigins: [String] = []

    /// Whether requests may be addressed to any IP address, as they must be where
    /// the server listens for other machines.
    ///
    /// DNS rebinding needs a name, so an address is never part of it.
    public var admitsAddresses = false

    /// Keys of which a request must carry one, good for everything.
    ///
    /// It is sent as `Authorization: Bearer` or `x-api-key`.
    public var apiKeys: [String] = []

    /// Further keys, which may change while the server runs.
    public var keys: any APIKeyDirectory = APIKeyList()

    /// Whether a key is needed even while there is none; one is needed anyway as
    /// soon as there has been one.
    public var requiresKey = false

    /// The requests to models that may be under way with one key at once, where the
    /// key itself does not say; any number when `nil`.
    public var keyConcurrency: Int?

    /// Reads the configuration again when an administrator asks at `/corral/v1/reload`; nobody can
    /// ask when `nil`.
    ///
    /// It may read files, and runs where that holds up nobody else. What it throws is told to the
    /// administrator, paths included.
    public var reload: (@Sendable () async throws -> ReloadReport)?

    /// The largest body that is taken, in bytes.
    public var bodyLimit = 64 << 20

    /// How long a request may wait for its model; the cache's own limit when `nil`.
    public var maximumWait: Duration?

    /// How long answers under way may take to finish at shutdown.
    public var shutdownGrace: Duration = .seconds(30)

    /// How long a connection may be idle between requests.
    public var idleTimeout: Duration = .seconds(75)

    /// How long the head of a request may take, from its first byte.
    public var headTimeout: Duration = .seconds(20)

    /// How long the body of a request may pause.
    public var bodyTimeout: Duration = .seconds(30)

    /// The bytes a second that a body must come at on average, once it has taken
    /// longer than ``bodyTimeout``.
    public var bodyRate = 500

    /// The largest head of a request, in bytes; a single header may be as large.
    public var headLimit = 64 << 10

    /// The connections that may be open at once; one more is answered with an error and closed.
    public var connectionLimit = 1024

    /// How long a client may leave an answer unread: a connection whose send
    /// buffer has been full that long is closed, so that its model is free again.
    public var stallTimeout: Duration = .seconds(60)

    /// How many connections may listen to events at once, dashboards included.
    public var listenerLimit = 64

    /// What `/metrics` calls the version of the program that serves.
    public var version = "unknown"

    /// The resident memory of the process that serves; `nil` where it cannot be read.
    public var ownMemory: @Sendable () -> ByteCount? = { nil }

    /// Tells the time of day, in seconds since 1970 in UTC, for answers that carry it.
    public var timeOfDay: @Sendable () -> Double = { Date().timeIntervalSince1970 }

    /// Where swift-metrics' figures go; to what the app has bootstrapped when `nil`.
    package var metricsFactory: (any MetricsFactory)?

    /// Creates the default settings.
    public init() {}
}
