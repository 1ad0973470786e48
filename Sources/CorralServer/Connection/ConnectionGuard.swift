import CorralDialects
import CorralJSON
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Ends connections whose client sends what is not HTTP or sends it too slowly, and connections
/// above the limit, and says why in JSON as every other refusal does.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a refused client has to read why before the connection is gone.
    private static let linger = TimeAmount.seconds(2)

    private let configuration: ServerConfiguration
    private let count: ConnectionCount
    private let requestIDs: RequestIDs
    private var pace: RequestPace
    private var alarm: (task: Scheduled<Void>, deadline: NIODeadline)?
    /// The path of the request that is under way, once its head has come.
    private var path: String?
    private var drained = 0
    private var isCounted = false
    private var partsCame = false
    private var failure: RequestError?
    /// Whether no request is read after this one: one that asks to speak another
    /// protocol from now on is answered in this one, and parsing ends there.
    private var isLast = false
    /// Whether the last answer has been written: nothing more is read or written.
    private var isOver = false

    init(_ configuration: ServerConfiguration, _ count: ConnectionCount, _ ids: RequestIDs) {
        self.configuration = configuration
        self.count = count
        requestIDs = ids
        pace = RequestPace(configuration, now: .uptimeNanoseconds(0))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !isCounted else { return }
        isCounted = true
        pace = RequestPace(configuration, now: context.eventLoop.now)
        switch count.opened() {
        case .served: reschedule(context)
        case .refused:
            var error = RequestError(
                .tooManyConnections,
                "\(configuration.connectionLimit) connections are open, as many as there may be."
            )
            error.retryAfter = 1
            fail(error, context)
        case .dropped: context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    private func end() {
        isOver = true
        alarm?.task.cancel()
        alarm = nil
        if isCounted { count.closed() }
        isCounted = false
    }

    // MARK: What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        partsCame = true
        guard !isOver else { return }
        let part = unwrapInboundIn(data)
        switch part {
        case .head(let head):
            path = String(head.path?.prefix { $0 != "?" } ?? "")
            drained = 0
            isLast = head.headerFields[.upgrade] != nil
            pace.headCame(now: context.eventLoop.now)
        case .body(let bytes):
            pace.bodyCame(bytes.readableBytes, now: context.eventLoop.now)
            if pace.isDraining {
                drained += bytes.readableBytes
                // The client goes on sending although its request has been answered.
                if drained > 2 * configuration.bodyLimit { return context.close(promise: nil) }
            }
        case .end:
            pace.requestEnded()
            path = nil
        }
        reschedule(context)
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !partsCame, !isOver {
            pace.bytesCame(now: context.eventLoop.now)
            reschedule(context)
        }
        partsCame = false
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.closedConnection: break
        case HTTPParserError.headerOverflow:
            fail(
                RequestError(
                    .headerTooLarge,
                    "The head of the request is larger than \(configuration.headLimit) bytes."
                ),
                context
            )
        case let error as HTTPParserError:
            fail(RequestError(.malformed, "This is not HTTP: \(error.debugDescription)."), context)
        case is IOError, is ChannelError: context.fireErrorCaught(error)
        default: fail(RequestError(.malformed, "This is not a request of HTTP."), context)
        }
    }

    // MARK: What goes

    func write(
        context: ChannelHandlerContext,
        data: NIOAny,
        promise: EventLoopPromise<Void>?
    ) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            pace.answerBegan()
            if isLast { head.headerFields[.connection] = "close" }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body: context.write(data, promise: promise)
        case .end:
            pace.answerEnded(now: context.eventLoop.now)
            if isLast {
                context.writeAndFlush(data, promise: promise)
                finish(context)
            } else {
                context.write(data, promise: promise)
                if failure == nil { reschedule(context) } else { settle(context) }
            }
        }
    }

    // MARK: Time

    private func reschedule(_ context: ChannelHandlerContext) {
        guard !isOver, failure == nil, let deadline = pace.deadline else { return }
        if let alarm {
            // An alarm that comes too early is set again then; that is cheaper than cancelling it.
            if alarm.deadline <= deadline { return }
            alarm.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.alarm = nil
            self.alarmFired(context)
        }
        alarm = (task, deadline)
    }

    private func alarmFired(_ context: ChannelHandlerContext) {
        guard !isOver, failure == nil, let deadline = pace.deadline else { return }
        guard deadline <= context.eventLoop.now else { return reschedule(context) }
        switch pace.awaited {
        case nil: break
        case .request: context.close(promise: nil)
        case .head:
            fail(RequestError(.timedOut, "The head of the request came too slowly."), context)
        case .body:
            fail(RequestError(.timedOut, "The body of the request came too slowly."), context)
        }
    }

    // MARK: The end

    private func fail(_ error: RequestError, _ context: ChannelHandlerContext) {
        guard !isOver, failure == nil else { return }
        failure = error
        alarm?.task.cancel()
        alarm = nil
        settle(context)
    }

    /// Answers with the failure as soon as what came before it has been answered.
    private func settle(_ context: ChannelHandlerContext) {
        guard let failure, pace.awaited != nil else { return }
        guard pace.canAnswer else { return context.close(promise: nil) }
        let id = requestIDs.next()
        let body =
            path.map { RouteTable.dialect(of: $0).body(of: failure, requestID: id) }
            ?? Dialect.bodyForAll(of: failure, requestID: id)
        let buffer = context.channel.allocator.buffer(string: body.text)
        var headers: HTTPFields = [
            .contentType: "application/json", .contentLength: "\(buffer.readableBytes)",
            .connection: "close", .server: "corral", .xContentTypeOptions: "nosniff",
            .requestID: id,
        ]
        if let seconds = failure.retryAfter { headers[.retryAfter] = "\(seconds)" }
        let head = HTTPResponse(status: failure.code.status, headerFields: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(buffer)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        finish(context)
    }

    /// Says no more, and closes once the client has had time to read what was said.
    private func finish(_ context: ChannelHandlerContext) {
        isOver = true
        alarm?.task.cancel()
        alarm = nil
        // Closing with bytes unread would reset the connection, and the client might
        // lose the answer.
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.linger) { channel.close(promise: nil) }
    }
}
