public import CorralCache
import CorralObservability
public import CorralServing
public import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
import NIOPosix
public import ServiceLifecycle

/// The server: listens, answers, and ends in order.
///
/// ```swift
/// let service = CorralService(
///     cache: cache, directory: directory, addresses: [.hostname("127.0.0.1", port: 11435)],
///     logger: logger)
/// try await ServiceGroup(services: [service], gracefulShutdownSignals: [.sigterm], logger: logger)
///     .run()
/// ```
///
/// On graceful shutdown it stops listening, refuses requests that wait for a model, lets
/// answers under way finish for ``ServerConfiguration/shutdownGrace``, and shuts
/// the cache down: when ``run()`` returns, no model is in memory.
public struct CorralService<Engine: ModelEngine>: Service where Engine.Model: ServedModel {
    let responder: CorralResponder<Engine>
    private let addresses: [BindAddress]
    private let ollamaAddresses: [BindAddress]
    private let connections: ConnectionCount
    private let logger: Logger
    private let onListening: @Sendable (any Channel) async -> Void

    /// Creates a server.
    ///
    /// - Parameters:
    ///   - cache: Lends the models; it is shut down with the server.
    ///   - directory: Knows what models there are.
    ///   - configuration: Who may ask, and how much.
    ///   - addresses: Where to listen.
    ///   - ollamaAddresses: Where to listen besides, in Ollama's place: there `GET /` says that
    ///     Ollama is running, which its clients look for.
    ///   - logger: Where requests and connections are reported.
    ///   - clock: What waiting times are measured on.
    ///   - onListening: Called with each listening channel once it listens.
    public init(
        cache: ModelCache<Engine>,
        directory: any ModelDirectory,
        configuration: ServerConfiguration = ServerConfiguration(),
        addresses: [BindAddress],
        ollamaAddresses: [BindAddress] = [],
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(),
        onListening: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) {
        responder = CorralResponder(
            cache: cache,
            directory: directory,
            configuration: configuration,
            clock: clock
        )
        self.addresses = addresses
        self.ollamaAddresses = ollamaAddresses
        connections = ConnectionCount(limit: configuration.connectionLimit)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the service is shut down or its task is cancelled.
    ///
    /// - Throws: ``ListeningError`` when an address cannot be listened on.
    public func run() async throws {
        let cache = responder.cache
        for entry in responder.directory.models.entries where entry.isPinned { cache.pin(entry.id) }
        let result: Result<Void, any Error>
        // Events end when the cache has; what works beside the requests is cancelled on return.
        async let following: Void = follow(cache.events(bufferLimit: Self.eventBuffer))
        async let _ = responder.carryOutHints()
        async let _ = responder.feedMetrics()
        do {
            result = .success(try await serve())
        } catch {
            result = .failure(error)
        }
        await cache.shutdown()
        await following
        try result.get()
    }

    /// The events that may wait to be counted: a second's worth of 64,000 hits.
    private static var eventBuffer: Int { 1 << 16 }

    /// Counts, remembers and logs what the cache does, until it has ended.
    func follow(_ events: AsyncStream<CacheEvent>) async {
        await responder.activity.follow(events, logger: logger)
    }

    private func serve() async throws {
        let cache = responder.cache
        let grace = responder.configuration.shutdownGrace
        try await withThrowingTaskGroup(of: Bool.self) { group in
            let applications =
                addresses.map { ($0, application(at: $0)) }
                + ollamaAddresses.map { ($0, application(at: $0, isOllama: true)) }
            for (address, application) in applications {
                group.addTask {
                    do {
                        try await application.run()
                    } catch let error as IOError {
                        throw ListeningError(address: address, reason: error)
                    }
                    return true
                }
            }
            group.addTask {
                // It throws when the listeners have ended first, and the group is cancelled.
                guard (try? await gracefulShutdown()) != nil else { return false }
                await cache.shutdown(grace: grace)
                // The models have ended; their last words are still on their way to clients.
                try? await responder.clock.sleep(for: Self.lastWords)
                return false
            }
            var listening = applications.count
            while listening > 0, let isListener = try await group.next() {
                guard isListener else { break }
                listening -= 1
            }
            group.cancelAll()
        }
    }

    /// How long connections have to be closed once their models are gone.
    private static var lastWords: Duration { .seconds(2) }

    /// The application that listens at one address.
    func application(
        at address: BindAddress,
        isOllama: Bool = false,
        on eventLoops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) -> Application<CorralResponder<Engine>> {
        var responder = responder
        responder.isOllama = isOllama
        let (answering, connections) = (responder, connections)
        return Application(
            responder: answering,
            server: HTTPServerBuilder { respond in
                WatchedChannel(
                    answering.configuration,
                    connections: connections,
                    requestIDs: answering.requestIDs,
                    responder: respond
                )
            },
            configuration: ApplicationConfiguration(address: address, serverName: "corral"),
            onServerRunning: onListening,
            eventLoopGroupProvider: .shared(eventLoops),
            logger: logger
        )
    }
}

/// Why the server cannot be reached at an address it was given.
public struct ListeningError: Error, Sendable {
    /// The address.
    public var address: BindAddress

    /// The error of the system.
    public var reason: IOError

    /// Creates an error.
    public init(address: BindAddress, reason: IOError) {
        self.address = address
        self.reason = reason
    }
}
