import CorralCache
import CorralServing
import HTTPTypes
import Hummingbird
import NIOCore

/// What a request asks of the cache.
struct LeaseTerms: Sendable {
    /// How long the model may then stay idle.
    var keepAlive: KeepAlive?
    /// How urgent it is.
    var priority = RequestPriority.interactive
    /// The tokens of context the answer needs.
    var minimumContext = 0
}

/// What is asked of which model, and how the client hears the answer.
struct Inquiry<Options: Hashable & Sendable>: Sendable {
    var entry: ServedEntry<Options>
    var terms: LeaseTerms
    var dialect: Dialect
    /// Makes the request, once the model is there.
    var request: @Sendable (any ServedModel) async throws -> UpstreamRequest
    /// Makes the translation of the answer, where it needs one, given how long the
    /// model took to be there.
    var translation: (@Sendable (Duration) -> any AnswerTranslation)?
}

/// Requests that a model answers.
extension CorralResponder {
    /// Passes a request on as it is.
    func infer(
        _ info: RequestInfo,
        role: ModelRole?,
        path: String?,
        dialect: Dialect
    ) async throws -> Response {
        let fields = try fields(
            ["model", "keep_alive", "priority"],
            of: try await body(of: info.request)
        )
        return try await pass(info, fields, role: role, path: path, dialect: dialect)
    }

    /// Passes a request on as it is, but for what concerns this server alone.
    func pass(
        _ info: RequestInfo,
        _ fields: RequestFields,
        role: ModelRole?,
        path: String?,
        dialect: Dialect
    ) async throws -> Response {
        let entry = try entry(named: fields.text("model"), role: role)
        let terms = try terms(info.request, fields, entry)
        let upstream = upstream(info, path: path ?? info.path, body: fields.forModel)
        let inquiry = Inquiry(
            entry: entry,
            terms: terms,
            dialect: dialect,
            request: { _ in upstream }
        )
        return try await ask(inquiry, info)
    }

    /// Leases the model and hands its answer to the client.
    func ask(_ inquiry: Inquiry<Engine.Options>, _ info: RequestInfo) async throws -> Response {
        // From here on a model works for the client: if it leaves, the work ends.
        ClientPresence.current?.expectStay()
        let started = Stopwatch(clock)
        let lease = try await lease(inquiry.entry, inquiry.terms)
        let waited = started.elapsed
        let watch = watch(info, inquiry.entry.id, inquiry.entry.name, waited)
        // While this model works, the next can be brought in; the answer does not wait for it.
        async let hint: Void = followHint(in: info.request)
        var response = try await answer(inquiry, with: lease, waited, watch)
        await hint
        response.headers[.model] = inquiry.entry.name
        response.headers[.loadTime] = "\(Int(waited / .milliseconds(1)))"
        return response
    }

    func lease(
        _ entry: ServedEntry<Engine.Options>,
        _ terms: LeaseTerms
    ) async throws -> LeaseHolder<Engine> {
        LeaseHolder(
            try await cache.lease(
                entry.id,
                options: entry.options,
                minimumContext: terms.minimumContext,
                keepAlive: terms.keepAlive,
                maximumWait: configuration.maximumWait,
                priority: terms.priority
            )
        )
    }

    /// Asks the model, and once more when it turns out to have ended before it
    /// could be asked.
    private func answer(
        _ inquiry: Inquiry<Engine.Options>,
        with lease: LeaseHolder<Engine>,
        _ waited: Duration,
        _ watch: AnswerWatch
    ) async throws -> Response {
        let relay = relay(lease, inquiry, waited, watch)
        let upstream: UpstreamResponse
        do {
            upstream = try await lease.model.respond(to: inquiry.request(lease.model))
        } catch ServedModelError.Code.notDelivered {
            try Task.checkCancellation()
            lease.giveBack()
            let second = try await self.lease(inquiry.entry, inquiry.terms)
            let relay = self.relay(second, inquiry, waited, watch)
            do {
                let request = try await inquiry.request(second.model)
                return try await relay.response(try await second.model.respond(to: request))
            } catch {
                throw try rethrow(error, relay)
            }
        } catch {
            throw try rethrow(error, relay)
        }
        return try await relay.response(upstream)
    }

    private func relay(
        _ lease: LeaseHolder<Engine>,
        _ inquiry: Inquiry<Engine.Options>,
        _ waited: Duration,
        _ watch: AnswerWatch
    ) -> Relay<Engine> {
        Relay(
            lease: lease,
            dialect: inquiry.dialect,
            watch: watch,
            redaction: { redaction },
            translation: inquiry.translation?(waited)
        )
    }

    private func rethrow(_ error: any Error, _ relay: Relay<Engine>) throws -> RequestError {
        try Task.checkCancellation()
        return (error as? RequestError) ?? relay.failure(error)
    }

    /// What a request asks of the cache: in its body, or else in its headers.
    func terms(
        _ request: Request,
        _ fields: RequestFields,
        _ entry: ServedEntry<Engine.Options>
    ) throws(RequestError) -> LeaseTerms {
        var terms = LeaseTerms(keepAlive: entry.keepAlive)
        if let keepAlive = try fields.keepAlive() {
            terms.keepAlive = keepAlive
        } else if let header = request.headers[.keepAlive] {
            terms.keepAlive = try RequestFields.keepAlive(
                header,
                parameter: "X-Corral-Keep-Alive"
            )
        }
        if let priority = try fields.priority() {
            terms.priority = priority
        } else if let header = request.headers[.corralPriority] {
            terms.priority = try RequestFields.priority(header, parameter: "X-Corral-Priority")
        }
        return terms
    }

    /// What the model is handed: nothing that names the client.
    ///
    /// Nor does it get more of the head than it needs: the HTTP libraries of models
    /// refuse some headers and queries of odd clients without a word.
    func upstream(_ info: RequestInfo, path: String, body: ByteBuffer) -> UpstreamRequest {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.requestID] = info.id
        return UpstreamRequest(
            method: info.request.method,
            path: path,
            headers: headers,
            body: body
        )
    }
}
