import CorralCache
import Hummingbird
import NIOCore

/// Ranking documents.
extension CorralResponder {
    /// Ranks documents: over the shared path a request that the model understands
    /// passes as it is.
    func rerank(_ info: RequestInfo, _ api: RerankAPI) async throws -> Response {
        let fields = try fields(RerankRequest.fields, of: try await body(of: info.request))
        if api == .shared, RerankRequest.passes(fields) {
            return try await pass(info, fields, role: .rerank, path: nil, dialect: .rerank)
        }
        let entry = try entry(named: fields.text("model"), role: .rerank)
        let request = try RerankRequest(fields, name: entry.name)
        let upstream = upstream(info, path: "/v1/rerank", body: request.body)
        return try await ask(
            Inquiry(
                entry: entry,
                terms: try terms(info.request, fields, entry),
                dialect: api == .cohere ? .cohere : .rerank,
                request: { _ in upstream },
                translation: { _ in
                    RerankAnswer(api: api, request: request, requestID: info.id)
                }
            ),
            info
        )
    }
}
