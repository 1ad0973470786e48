import CorralCache
import CorralServing
import HTTPTypes
import Hummingbird
import NIOCore

/// Passes a model's answer to the client, chunk by chunk at the client's pace,
/// and gives the lease back when it ends, fails, or the client goes away.
struct Relay<Engine: ModelEngine>: Sendable {
    /// Answers up to this size are sent in one piece, in bytes, so that a model
    /// that dies in the middle can still be reported.
    static var wholeLimit: Int { 1 << 20 }

    /// After how many bytes the relay waits for the connection to have them.
    private static var settleInterval: Int { 1 << 16 }

    let lease: LeaseHolder<Engine>
    let dialect: Dialect
    let watch: AnswerWatch
    let redaction: @Sendable () -> PathRedaction
    /// Puts the answer into another API's shape.
    var translation: (any AnswerTranslation)?

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
            try await relay(upstream.body, to: &writer, isEventStream, translation)
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
        if let failure = refusal.failure(redaction()) { throw failure }
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

    @concurrent
    private func relay(
        _ chunks: some AsyncSequence<ByteBuffer, any Error> & Sendable,
        to writer: inout any ResponseBodyWriter,
        _ isEventStream: Bool,
        _ translation: (any AnswerTranslation)?
    ) async throws {
        var translation = translation
        var meter = AnswerMeter(sinceRequest: watch.received)
        // Whatever else happens, it is the client that went away.
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

    /// What a stream ends with: what no event's end followed, and what a translation
    /// has kept for the end.
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

    /// What a client is told of a model that failed.
    func failure(_ error: any Error) -> RequestError {
        if let error = error as? ModelCacheError {
            return RequestError(error, redaction: redaction())
        }
        var failure = RequestError(
            .modelFailed,
            "The model ended before it had answered: \(redaction().redact("\(error)"))"
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
