import CorralCache
import CorralDialects
import CorralObservability
import CorralServing
import HTTPTypes
import Hummingbird
import NIOCore

/// How long a request's model may stay, how urgent the request is, and what context it needs.
struct RequestTerms: Sendable {
    /// How long the model may then stay idle.
    var keepAlive: KeepAlive?
    /// How urgent the request is.
    var priority = RequestPriority.interactive
    /// The tokens of context the answer needs.
    var minimumContext = 0
}

/// A request to a model, and how the client hears the answer.
struct ModelRequest: Sendable {
    var entry: ServedEntry
    var terms: RequestTerms
    var dialect: Dialect
    /// Makes what the model is asked, once it is there.
    var upstream: @Sendable (any ServedModel) async throws -> UpstreamRequest
    /// Makes the translation of the answer, where it needs one, given how long the
    /// request waited for the model.
    var translation: (@Sendable (Duration) -> any AnswerTranslation)?
}

/// Requests that a model answers.
extension CorralResponder {
    /// Reads the body, and finds the members of it that concern the server.
    ///
    /// - Throws: ``RequestError`` when the body is larger than allowed, known from its
    ///   announced length before any of it is read, or is not said to be JSON, or is none.
    func read(_ names: Set<String>, of info: RequestInfo) async throws -> RequestFields {
        let request = info.request
        if let type = request.headers[.contentType]?.lowercased(), type.hasPrefix("multipart/") {
            throw RequestError(.wrongMediaType, "The body must be JSON, not \(type.prefix(64)).")
        }
        let limit = min(info.key?.bodyLimit ?? .max, configuration.bodyLimit)
        let tooLarge = RequestError(
            .bodyTooLarge,
            "The body is larger than \(limit) bytes, the limit."
        )
        let length = request.contentLength ?? 0
        guard length <= limit else { throw tooLarge }
        var body = ByteBuffer()
        for try await var chunk in request.body {
            guard body.readableBytes + chunk.readableBytes <= limit else { throw tooLarge }
            if body.readableBytes == 0, chunk.readableBytes >= length {
                body = chunk
            } else {
                if body.capacity == 0 { body.reserveCapacity(length) }
                body.writeBuffer(&chunk)
            }
        }
        return try RequestFields(names, of: body)
    }

    /// The model a request names, which is looked for again where it is not known.
    func entry(named name: String?, role: ModelRole?) async throws -> ServedEntry {
        do {
            return try directory.models.entry(named: name, role: role)
        } catch let error {
            guard error.code == .modelNotFound else { throw error }
        }
        let models = await BlockingExecutor.requests.run { await directory.refreshed() }
        return try models.entry(named: name, role: role)
    }

    /// Passes a request on as it is, but for what concerns this server alone.
    func forward(
        _ info: RequestInfo,
        _ fields: RequestFields,
        _ role: ModelRole?,
        to path: String,
        _ dialect: Dialect
    ) async throws -> Response {
        let entry = try await entry(named: fields.text("model"), role: role)
        let upstream = upstream(info, path: path, body: fields.forModel)
        return try await ask(
            ModelRequest(
                entry: entry,
                terms: try terms(info.request, fields, entry),
                dialect: dialect,
                upstream: { _ in upstream }
            ),
            info
        )
    }

    /// Leases the model and hands its answer to the client; does both once more when the model
    /// turns out to have ended before it could be asked.
    func ask(_ request: ModelRequest, _ info: RequestInfo) async throws -> Response {
        // From here on a model works for the client: if it leaves, the work ends.
        ClientPresence.current?.expectStay()
        let (entry, started) = (request.entry, Stopwatch(clock))
        var mayRepeat = true
        while true {
            let lease = LeaseHolder(
                try await cache.lease(
                    entry.id,
                    minimumContext: request.terms.minimumContext,
                    keepAlive: request.terms.keepAlive,
                    maximumWait: configuration.maximumWait,
                    priority: request.terms.priority
                )
            )
            let waited = started.elapsed
            if mayRepeat { offerHints(of: info.request) }
            let relay = Relay(lease, request, watch(info, entry, waited), waited) { report }
            do {
                let asked = try await request.upstream(lease.model)
                let upstream = try await lease.model.respond(to: asked)
                var response = try await relay.response(upstream)
                response.headers[.model] = entry.name
                response.headers[.loadTime] = "\(Int(waited / .milliseconds(1)))"
                return response
            } catch ServedModelError.Code.notDelivered where mayRepeat {
                try Task.checkCancellation()
                lease.giveBack()
                mayRepeat = false
            } catch {
                try Task.checkCancellation()
                throw (error as? RequestError) ?? relay.failure(error)
            }
        }
    }

    /// Leases a model for a request that asks it nothing, so that it is loaded.
    func load(_ entry: ServedEntry, _ terms: RequestTerms) async throws {
        ClientPresence.current?.expectStay()
        _ = try await cache.lease(
            entry.id,
            minimumContext: terms.minimumContext,
            keepAlive: terms.keepAlive,
            maximumWait: configuration.maximumWait,
            priority: terms.priority
        )
    }

    /// What a request asks of the cache: in its body, or else in its headers.
    func terms(
        _ request: Request,
        _ fields: RequestFields,
        _ entry: ServedEntry
    ) throws(RequestError) -> RequestTerms {
        var terms = RequestTerms(keepAlive: entry.keepAlive)
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
