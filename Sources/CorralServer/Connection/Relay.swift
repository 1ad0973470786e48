import CorralCache
import CorralDialects
import CorralObservability
import CorralServing
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Passes a model's answer to the client, chunk by chunk at the client's pace,
/// and gives the lease back when it ends, fails, or the client goes away.
struct Relay<Engine: ModelEngine>: Sendable {
    /// Answers up to this size are sent in one piece, in bytes, so that a model
    /// that dies in the middle can still be reported.
    static var wholeLimit: Int { 1 << 20 }

    /// After how many bytes the relay waits for the connection to have them.
    private static var settleInterval: Int { 1 << 16 }

    private let lease: LeaseHolder<Engine>
    private let dialect: Dialect
    private let watch: AnswerWatch
    /// Puts the answer into another API's shape.
    private let translation: (any AnswerTranslation)?
    private let report: @Sendable () -> StatusReport

    /// Creates a relay for one answer.
    ///
    /// - Parameters:
    ///   - lease: The lease of the model that answers.
    ///   - request: What is asked of it.
    ///   - watch: Is told how the answer went.
    ///   - waited: How long the request waited for the model.
    ///   - report: Takes paths out of what the client is told.
    init(
        _ lease: LeaseHolder<Engine>,
        _ request: ModelRequest,
        _ watch: AnswerWatch,
        _ waited: Duration,
        report: @escaping @Sendable () -> StatusReport
    ) {
        self.lease = lease
        dialect = request.dialect
        translation = request.translation?(waited)
        self.watch = watch
        self.report = report
    }

    /// Makes the response.
    ///
    /// - Parameter upstream: What the model answered.
    /// - Returns: The response, which holds the lease until it has been sent.
    /// - Throws: ``RequestError`` when the model ends before a short answer does.
    func response(_ upstream: UpstreamResponse) async throws -> Response {
        var headers = Self.headers(of: upstream)
        let isEventStream =
            headers[.contentType]?.lowercased().hasPrefix("text/event-stream") == true
        let length = headers[.contentLength].flatMap { Int($0) }
        let translation = upstream.status.code < 400 ? translation : nil
        let isShort = length.map { $0 <= Self.wholeLimit } ?? (upstream.status.code >= 400)
        if isShort || translation != nil, !isEventStream {
            return try await whole(upstream, headers, translation)
        }
        if let translation {
            headers[.contentType] = type(of: translation).streamType
            headers[.contentLength] = nil
        }
        let body = ResponseBody(contentLength: translation == nil ? length : nil) { writer in
            try await stream(upstream.body, to: &writer, isEventStream, translation)
            try await writer.finish(nil)
        }
        return Response(status: upstream.status, headers: headers, body: body)
    }

    private func whole(
        _ upstream: UpstreamResponse,
        _ headers: HTTPFields,
        _ translation: (any AnswerTranslation)?
    ) async throws -> Response {
        var headers = headers
        var body = ByteBuffer()
        do {
            try await collect(upstream.body, into: &body)
        } catch {
            let isAbandoned = Task.isCancelled
            watch.ended(
                AnswerMeter(sinceRequest: watch.received)
                    .record(isAbandoned ? .abandoned : .failed)
            )
            try Task.checkCancellation()
            throw failure(error)
        }
        try Task.checkCancellation()
        lease.giveBack()
        watch.ended(AnswerMeter(sinceRequest: watch.received).record(.complete, whole: body))
        guard upstream.status.code >= 400 else {
            if var translation {
                body = try translation.whole(body)
                headers[.contentType] = "application/json; charset=utf-8"
                headers[.contentLength] = nil
            }
            return Response(
                status: upstream.status,
                headers: headers,
                body: ResponseBody(byteBuffer: body)
            )
        }
        let refusal = ModelRefusal(status: upstream.status, body: body)
        // A model that failed, rather than refused, is this server's to report.
        if let failure = refusal.failure(redact: redact) { throw failure }
        headers[.contentLength] = nil
        headers[.contentType] = "application/json"
        let shaped = dialect.reshape(refusal, requestID: watch.requestID)
        return Response(
            status: upstream.status,
            headers: headers,
            body: ResponseBody(byteBuffer: shaped)
        )
    }

    private func collect(
        _ chunks: some AsyncSequence<ByteBuffer, any Error> & Sendable,
        into body: inout ByteBuffer
    ) async throws {
        for try await var chunk in chunks {
            if body.readableBytes == 0 { body = chunk } else { body.writeBuffer(&chunk) }
        }
    }

    /// Writes the chunks of an answer as they come, each as soon as it can be understood.
    @concurrent
    private func stream(
        _ chunks: some AsyncSequence<ByteBuffer, any Error> & Sendable,
        to writer: inout any ResponseBodyWriter,
        _ isEventStream: Bool,
        _ translation: (any AnswerTranslation)?
    ) async throws {
        var translation = translation
        var meter = AnswerMeter(sinceRequest: watch.received)
        // Unless the model fails or the answer ends, the reason is that the client went away.
        var outcome = AnswerRecord.Outcome.abandoned
        defer {
            lease.giveBack()
            watch.ended(meter.record(outcome))
        }
        var iterator = chunks.makeAsyncIterator()
        var boundary = EventBoundary()
        var unsettled = 0
        while true {
            let chunk: ByteBuffer?
            do {
                chunk = try await iterator.next()
            } catch {
                try Task.checkCancellation()
                outcome = .failed
                let failure = failure(error)
                watch.refused(failure)
                // A body of another kind has no place for an error: it is cut off.
                guard isEventStream else { throw error }
                return try await writer.write(
                    dialect.event(of: failure, requestID: watch.requestID)
                )
            }
            guard let chunk else { break }
            guard let whole = isEventStream ? boundary.pass(chunk) : chunk else { continue }
            let sent: ByteBuffer
            do throws(RequestError) {
                sent = try translation?.events(whole) ?? whole
            } catch {
                outcome = .failed
                watch.refused(error)
                return try await writer.write(dialect.event(of: error, requestID: watch.requestID))
            }
            if sent.readableBytes > 0 { try await writer.write(sent) }
            if isEventStream { meter.pass(whole) }
            unsettled += sent.readableBytes
            if unsettled >= Self.settleInterval {
                unsettled = 0
                try await ClientPresence.current?.settle()
            }
        }
        // A sequence may also end, rather than throw, when its reader is cancelled.
        try Task.checkCancellation()
        let last = last(boundary.rest(), &translation)
        if last.readableBytes > 0 { try await writer.write(last) }
        outcome = .complete
    }

    /// The end of a stream: bytes behind the last whole event, and what the translation writes
    /// once the model has ended.
    private func last(
        _ rest: ByteBuffer?,
        _ translation: inout (any AnswerTranslation)?
    ) -> ByteBuffer {
        guard translation != nil else { return rest ?? ByteBuffer() }
        var last = ByteBuffer()
        do throws(RequestError) {
            if let rest, var events = try translation?.events(rest) { last.writeBuffer(&events) }
            if var end = try translation?.end() { last.writeBuffer(&end) }
        } catch {
            watch.refused(error)
            var event = dialect.event(of: error, requestID: watch.requestID)
            last.writeBuffer(&event)
        }
        return last
    }

    private func redact(_ text: String) -> String { report().names.redaction.redact(text) }

    /// The error that a client is told when its model has failed.
    func failure(_ error: any Error) -> RequestError {
        if let error = error as? ModelCacheError {
            return RequestError(error, redaction: report().names.redaction)
        }
        var failure = RequestError(
            .modelFailed,
            "The model ended before it had answered: \(redact("\(error)"))"
        )
        failure.retryAfter = 1
        return failure
    }

    /// The headers that concern the answer, not the model's own connection, nor
    /// who may read it: that is for this server to say.
    private static func headers(of upstream: UpstreamResponse) -> HTTPFields {
        var headers = HTTPFields()
        headers.reserveCapacity(upstream.headers.count + 4)
        for field in upstream.headers {
            let name = field.name.canonicalName
            if !droppedHeaders.contains(name), !name.hasPrefix("access-control-") {
                headers.append(field)
            }
        }
        return headers
    }
}

/// Those of one connection (RFC 9110, section 7.6.1), and those the server sets.
private let droppedHeaders: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade", "server", "date", "set-cookie",
]

/// A lease that a response holds until its body has ended, or until nobody wants
/// the response any more.
final class LeaseHolder<Engine: ModelEngine>: Sendable {
    /// The model that is leased.
    let model: Engine.Model

    private let lease: Mutex<Lease<Engine>?>

    init(_ lease: consuming Lease<Engine>) {
        model = lease.model
        self.lease = Mutex(lease)
    }

    /// Gives the lease back; the second time does nothing.
    func giveBack() {
        _ = lease.withLock { $0.take() }
    }
}
