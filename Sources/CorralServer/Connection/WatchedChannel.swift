import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 connections whose work ends when their client goes away.
///
/// Hummingbird runs the requests of one connection in one task; here that task is
/// cancelled when the client leaves. Everything a request waits for, be it a lease
/// or the next token, ends with it.
struct WatchedChannel: ServerChildChannel {
    /// A connection, and whether its client is still there.
    struct Value: ServerChildChannelValue {
        let connection: HTTP1Channel.Value
        let presence: ClientPresence
        var channel: any Channel { connection.channel }
    }

    private let base: HTTP1Channel
    private let stallTimeout: Duration

    /// Creates the set-up of connections.
    ///
    /// - Parameters:
    ///   - configuration: The limits.
    ///   - connections: Counts the connections.
    ///   - requestIDs: Gives identifiers to requests that are refused before they are read.
    ///   - responder: Answers a request.
    init(
        _ configuration: ServerConfiguration,
        connections: ConnectionCount,
        requestIDs: RequestIDs,
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        let bodyLimit = configuration.bodyLimit
        stallTimeout = configuration.stallTimeout
        base = HTTP1Channel(
            responder: { request, writer, channel in
                // A client that asks first is told to go on unless its body is too large.
                if request.headers[.expect]?.lowercased() == "100-continue",
                    (request.contentLength ?? 0) <= bodyLimit
                {
                    try await writer.writeInformationalHead(HTTPResponse(status: .continue))
                }
                try await responder(request, writer, channel)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    ConnectionGuard(configuration, connections, requestIDs)
                ],
                // The guard closes idle connections itself.
                idleTimeout: nil,
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: configuration.headLimit,
                    maxHeaderListSize: configuration.headLimit,
                    maxHeaderFieldCount: 256
                )
            )
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let presence = ClientPresence(on: channel.eventLoop)
        let stallTimeout = stallTimeout
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
                PresenceHandler(presence, stallTimeout: stallTimeout)
            )
            // Tokens are small and must not wait for one another (Nagle's algorithm).
            if channel.localAddress?.port != nil {
                try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
            }
        }
        .flatMap { base.setup(channel: channel, logger: logger) }
        .map { Value(connection: $0, presence: presence) }
    }

    func handle(value: Value, logger: Logger) async {
        await ClientPresence.$current.withValue(value.presence) {
            await withTaskExecutorPreference(ConnectionExecutor(value.channel.eventLoop)) {
                await withTaskGroup { group in
                    group.addTask { await base.handle(value: value.connection, logger: logger) }
                    group.addTask { await value.presence.gone() }
                    await group.next()
                    group.cancelAll()
                }
            }
        }
    }
}

extension Request {
    /// What the `Content-Length` header says, in bytes.
    var contentLength: Int? { headers[.contentLength].flatMap { Int($0) } }
}
