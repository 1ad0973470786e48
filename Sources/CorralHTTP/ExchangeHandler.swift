import HTTPTypes
import NIOCore
import NIOHTTP1

/// Sends one request on a fresh connection and hands on what is answered.
///
/// It belongs to the connection's event loop.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private enum Phase {
        case waitingForHead
        case reading(HTTPBody.Producer.Source)
        case over
    }

    private let request: HTTPRequestHead
    private let body: ByteBuffer
    private let bound: HeadBound
    /// Takes the answer once its head is there, or why there is none.
    private let deliver: (Result<HTTPAnswer, any Error>) -> Void
    private var phase = Phase.waitingForHead
    /// Whether the system has taken the whole request.
    private var isSent = false
    /// Whether the reader of the body has enough for now.
    private var isHeld = false
    /// Whether a read was asked for meanwhile.
    private var hasHeldRead = false
    private var context: ChannelHandlerContext?

    init(
        _ request: HTTPRequestHead,
        _ body: ByteBuffer,
        _ bound: HeadBound,
        deliver: @escaping (Result<HTTPAnswer, any Error>) -> Void
    ) {
        self.request = request
        self.body = body
        self.bound = bound
        self.deliver = deliver
    }

    // MARK: The request

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        if body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenSuccess { handler.value.isSent = true }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: The answer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), phase) {
        case (.head(let head), .waitingForHead):
            bound.isPassed = true
            let (body, source) = HTTPBody.make(
                NIOLoopBound(self, eventLoop: context.eventLoop),
                context.eventLoop
            )
            phase = .reading(source)
            let answer = HTTPAnswer(
                status: HTTPResponse.Status(code: Int(head.status.code)),
                headers: HTTPFields(head.headers),
                body: body
            )
            deliver(.success(answer))
        case (.body(let chunk), .reading(let source)):
            switch source.yield(chunk) {
            case .produceMore: break
            case .stopProducing: isHeld = true
            case .dropped: readerLeft()
            }
        case (.end, .reading(let source)):
            phase = .over
            source.finish()
            context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(failure(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ending)
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error) {
        let before = phase
        phase = .over
        switch before {
        case .waitingForHead: deliver(.failure(error))
        case .reading(let source): source.finish(error)
        case .over: break
        }
    }

    /// What the end of the connection means now.
    private var ending: HTTPClientError {
        switch phase {
        case .reading:
            HTTPClientError(.cutShort, "The connection ended in the middle of the answer.")
        case .waitingForHead where !isSent:
            HTTPClientError(.notDelivered, "The connection ended before the request was sent.")
        default: HTTPClientError(.noAnswer, "The connection ended without an answer.")
        }
    }

    private func failure(_ error: any Error) -> any Error {
        switch error {
        case is HTTPClientError: return error
        case HTTPParserError.invalidEOFState: return ending
        case HTTPParserError.headerOverflow: return HeadBound.tooLarge
        case is HTTPParserError:
            return HTTPClientError(.malformed, "What was answered is not HTTP (\(error)).")
        default:
            var ending = ending
            ending.message = String(ending.message.dropLast()) + " (\(error))."
            return ending
        }
    }

    // MARK: The reader's pace

    func read(context: ChannelHandlerContext) {
        if isHeld { hasHeldRead = true } else { context.read() }
    }

    /// The reader of the body wants more.
    func readMore() {
        isHeld = false
        guard hasHeldRead else { return }
        hasHeldRead = false
        context?.read()
    }

    /// The reader of the body has left; what was not read is for nobody.
    func readerLeft() {
        if case .over = phase { return }
        phase = .over
        context?.close(promise: nil)
    }
}

/// Bounds the bytes that come before the head of an answer is whole: of the status line, of all
/// headers, and of the interim answers (1xx) before it.
final class HeadBound: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    static let tooLarge = HTTPClientError(.headTooLarge, "The head of the answer is too long.")

    /// Whether the head is whole, so that nothing is counted any more.
    var isPassed = false
    private var left: Int

    init(_ limit: Int) { left = limit }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isPassed else { return context.fireChannelRead(data) }
        let bytes = unwrapInboundIn(data).readableBytes
        // The head is parsed first: a long read may hold it and much of the body.
        context.fireChannelRead(data)
        guard !isPassed else { return }
        left -= bytes
        if left < 0 { context.fireErrorCaught(Self.tooLarge) }
    }
}

extension HTTPFields {
    /// The same headers, but for those whose names HTTP does not allow.
    init(_ headers: HTTPHeaders) {
        self.init()
        reserveCapacity(headers.count)
        for (text, value) in headers {
            if let name = HTTPField.Name(text) { append(HTTPField(name: name, value: value)) }
        }
    }
}
