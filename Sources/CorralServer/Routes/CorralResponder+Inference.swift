import CorralCache
import HTTPTypes
import Hummingbird
import NIOCore

/// Requests that a model answers.
extension CorralResponder {
    func infer(
        _ info: RequestInfo,
        role: ModelRole?,
        path: String?,
        dialect: Dialect
    ) async throws -> Response {
        let body = try await body(of: info.request)
        let fields = try fields(["model", "keep_alive"], of: body)
        let entry = try entry(named: fields.text("model"), role: role)
        let keepAlive = try keepAlive(info.request, fields) ?? entry.keepAlive
        // From here on a model works for the client: if it leaves, the work ends.
        ClientPresence.current?.expectStay()
        let upstream = Self.upstream(info, path: path, body: body)
        let started = Stopwatch(clock)
        let lease = try await lease(entry, keepAlive)
        let waited = started.elapsed
        let watch = watch(info, entry.id, entry.name, waited)
        // While this model works, the next can be brought in; the answer does not wait for it.
        async let hint: Void = followHint(in: info.request)
        var response = try await answer(
            upstream,
            with: lease,
            of: entry,
            keepAlive,
            dialect,
            watch
        )
        await hint
        response.headers[.model] = entry.name
        response.headers[.loadTime] = "\(Int(waited / .milliseconds(1)))"
        return response
    }

    private func lease(
        _ entry: ServedEntry<Engine.Options>,
        _ keepAlive: KeepAlive?
    ) async throws -> LeaseHolder<Engine> {
        LeaseHolder(
            try await cache.lease(
                entry.id,
                options: entry.options,
                keepAlive: keepAlive,
                maximumWait: configuration.maximumWait
            )
        )
    }

    /// Asks the model, and once more when it turns out to have ended before it
    /// could be asked.
    private func answer(
        _ request: UpstreamRequest,
        with lease: LeaseHolder<Engine>,
        of entry: ServedEntry<Engine.Options>,
        _ keepAlive: KeepAlive?,
        _ dialect: Dialect,
        _ watch: AnswerWatch
    ) async throws -> Response {
        let relay = relay(lease, dialect, watch)
        let upstream: UpstreamResponse
        do {
            upstream = try await lease.model.respond(to: request)
        } catch ServedModelError.Code.notDelivered {
            try Task.checkCancellation()
            lease.giveBack()
            let second = try await self.lease(entry, keepAlive)
            let relay = self.relay(second, dialect, watch)
            do {
                let upstream = try await second.model.respond(to: request)
                return try await relay.response(upstream)
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
        _ dialect: Dialect,
        _ watch: AnswerWatch
    ) -> Relay<Engine> {
        Relay(lease: lease, dialect: dialect, watch: watch, redaction: { redaction })
    }

    private func rethrow(_ error: any Error, _ relay: Relay<Engine>) throws -> RequestError {
        try Task.checkCancellation()
        return (error as? RequestError) ?? relay.failure(error)
    }

    private func keepAlive(
        _ request: Request,
        _ fields: RequestFields
    ) throws(RequestError) -> KeepAlive? {
        if let keepAlive = try fields.keepAlive() { return keepAlive }
        guard let header = request.headers[.keepAlive] else { return nil }
        return try RequestFields.keepAlive(header, parameter: "X-Corral-Keep-Alive")
    }

    /// What the model is handed: nothing that names the client.
    private static func upstream(
        _ info: RequestInfo,
        path: String?,
        body: ByteBuffer
    ) -> UpstreamRequest {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.accept] = info.request.headers[.accept]
        headers[.requestID] = info.id
        let query = info.request.uri.query.map { "?\($0)" } ?? ""
        return UpstreamRequest(
            method: info.request.method,
            path: (path ?? info.path) + query,
            headers: headers,
            body: body
        )
    }
}
