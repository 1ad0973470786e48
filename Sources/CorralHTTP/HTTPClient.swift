package import HTTPTypes
package import NIOCore
import NIOHTTP1
package import NIOPosix
import Synchronization

/// What a server answered.
package struct HTTPAnswer: Sendable {
    /// The status.
    package var status: HTTPResponse.Status

    /// The headers.
    package var headers: HTTPFields

    /// The body, whose end is also the end of the connection.
    package var body: HTTPBody
}

/// Asks HTTP/1.1 servers, each request on a connection of its own.
///
/// Everything of a connection runs on one event loop: the one the caller runs on, where it runs on
/// one, so that what comes passes from one socket to another without a change of thread. Redirects
/// are not followed and nothing is decompressed.
package struct HTTPClient: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let connectTimeout: Duration
    private let headLimit: Int

    /// Prepares to ask; nothing is opened and nothing has to be shut down.
    ///
    /// - Parameters:
    ///   - group: The event loops for callers that run on none.
    ///   - connectTimeout: How long a connection may take to be made.
    ///   - headLimit: The most bytes of an answer's head.
    package init(
        group: MultiThreadedEventLoopGroup = .singleton,
        connectTimeout: Duration = .seconds(5),
        headLimit: Int = 1 << 16
    ) {
        self.group = group
        self.connectTimeout = connectTimeout
        self.headLimit = headLimit
    }

    /// Sends a request; returns as soon as the head of the answer is there.
    ///
    /// Cancelling the task closes the connection, before the head is there and while the body is
    /// read.
    ///
    /// - Parameters:
    ///   - path: The path, with the query where there is one.
    ///   - method: The method.
    ///   - headers: The headers; `Host`, `Content-Length` and `Connection` are set by the client.
    ///   - body: The whole body.
    ///   - endpoint: Where the server listens.
    ///   - limit: How long all may take, the body's end included; `nil` for ever.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``HTTPClientError``, or `CancellationError`.
    package func send(
        _ path: String,
        method: HTTPRequest.Method = .get,
        headers: HTTPFields = HTTPFields(),
        body: ByteBuffer = ByteBuffer(),
        to endpoint: HTTPEndpoint,
        within limit: Duration? = nil
    ) async throws -> HTTPAnswer {
        try Task.checkCancellation()
        if endpoint.isSecure { try TLSLayer.prepare(for: endpoint) }
        let head = Self.head(method, path, headers, body, endpoint)
        let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop ?? group.any()
        let exchange = Exchange()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard exchange.await(continuation) else { return }
                if let limit {
                    let timer = eventLoop.scheduleTask(in: TimeAmount(limit)) { exchange.expire() }
                    exchange.bound(by: timer)
                }
                connect(endpoint, eventLoop).whenComplete { result in
                    switch result {
                    case .success(let channel):
                        exchange.begin(head, body, endpoint, headLimit: headLimit, on: channel)
                    case .failure(let error):
                        exchange.deliver(.failure(Self.failure(error, endpoint)))
                    }
                }
            }
        } onCancel: {
            exchange.cancel()
        }
    }

    private func connect(
        _ endpoint: HTTPEndpoint,
        _ eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(connectTimeout))
        switch endpoint.address {
        case .unixSocket(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .host(let name, let port):
            return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: name, port: port)
        }
    }

    /// The headers that the client sets itself.
    private static let ownHeaders: Set<String> = [
        "connection", "content-length", "host", "transfer-encoding",
    ]

    private static func head(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ fields: HTTPFields,
        _ body: ByteBuffer,
        _ endpoint: HTTPEndpoint
    ) -> HTTPRequestHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(fields.count + 3)
        headers.add(name: "host", value: endpoint.authority)
        for field in fields {
            let name = field.name.canonicalName
            if !Self.ownHeaders.contains(name) { headers.add(name: name, value: field.value) }
        }
        if body.readableBytes > 0 || method == .post || method == .put || method == .patch {
            headers.add(name: "content-length", value: "\(body.readableBytes)")
        }
        headers.add(name: "connection", value: "close")
        return HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: method.rawValue),
            uri: endpoint.pathPrefix + (path.isEmpty ? "/" : path),
            headers: headers
        )
    }

    private static func failure(_ error: any Error, _ endpoint: HTTPEndpoint) -> HTTPClientError {
        if case ChannelError.connectTimeout = error {
            return HTTPClientError(.connectTimeout, "\(endpoint) accepts no connection in time.")
        }
        if let error = error as? NIOConnectionError,
            error.connectionErrors.contains(where: {
                if case ChannelError.connectTimeout = $0.error { true } else { false }
            })
        {
            return HTTPClientError(.connectTimeout, "\(endpoint) accepts no connection in time.")
        }
        return HTTPClientError(.unreachable, "Nobody answers at \(endpoint) (\(error)).")
    }
}

/// One request and its answer, as those see it that are not on its connection's event loop.
///
/// It does not keep the answer: a body that nobody holds any more closes the connection.
private final class Exchange: Sendable {
    private struct State {
        /// Waits for the head of the answer.
        var waiting: CheckedContinuation<HTTPAnswer, any Error>?
        var isCancelled = false
        var channel: (any Channel)?
        var timer: Scheduled<Void>?
    }

    private let state = Mutex(State())

    /// Has the head of the answer resume a continuation.
    ///
    /// - Returns: False where the request was cancelled before; it is resumed then.
    func await(_ continuation: CheckedContinuation<HTTPAnswer, any Error>) -> Bool {
        let isWanted = state.withLock { state in
            if !state.isCancelled { state.waiting = continuation }
            return !state.isCancelled
        }
        if !isWanted { continuation.resume(throwing: CancellationError()) }
        return isWanted
    }

    /// Has a timer end with the exchange.
    func bound(by timer: Scheduled<Void>) { state.withLock { $0.timer = timer } }

    /// The connection is there; called on its event loop.
    func begin(
        _ head: HTTPRequestHead,
        _ body: ByteBuffer,
        _ endpoint: HTTPEndpoint,
        headLimit: Int,
        on channel: any Channel
    ) {
        let (isWanted, timer) = state.withLock { state in
            state.channel = channel
            return (!state.isCancelled, state.timer)
        }
        guard isWanted else { return channel.close(promise: nil) }
        if let timer { channel.closeFuture.whenComplete { _ in timer.cancel() } }
        do {
            let pipeline = channel.pipeline.syncOperations
            #if TLS
            if endpoint.isSecure { try pipeline.addHandler(TLSLayer.handler(for: endpoint)) }
            #endif
            let bound = HeadBound(headLimit)
            try pipeline.addHandler(bound)
            try pipeline.addHandler(HTTPRequestEncoder())
            try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
            try pipeline.addHandler(ExchangeHandler(head, body, bound) { self.deliver($0) })
        } catch {
            deliver(.failure(error))
            channel.close(promise: nil)
        }
    }

    /// Resumes whoever waits for the head of the answer; later calls change nothing.
    func deliver(_ result: Result<HTTPAnswer, any Error>) {
        let (waiting, timer) = state.withLock { state in
            defer { state.waiting = nil }
            return (state.waiting, state.channel == nil ? state.timer : nil)
        }
        timer?.cancel()
        waiting?.resume(with: result)
    }

    /// Nobody waits for the answer any more.
    func cancel() { end(CancellationError()) }

    /// The exchange takes too long.
    func expire() {
        end(HTTPClientError(.deadlineExceeded, "The answer took longer than it may."))
    }

    private func end(_ error: any Error) {
        let channel = state.withLock { state in
            state.isCancelled = true
            return state.channel
        }
        deliver(.failure(error))
        // Where the head has come, the reader of the body is told by the connection's handler.
        channel?.pipeline.fireErrorCaught(error)
    }
}
