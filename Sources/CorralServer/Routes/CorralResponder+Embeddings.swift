import CorralCache
import CorralDialects
import CorralJSON
import Hummingbird

/// Embeddings over OpenAI's API, and ranks of documents.
extension CorralResponder {
    /// Passes the request on, unless embeddings are wanted in fewer dimensions than
    /// the model makes: models know no `dimensions`.
    func embeddings(_ info: RequestInfo) async throws -> Response {
        let fields = try await read(
            RequestFields.terms.union(["dimensions", "encoding_format", "input"]),
            of: info
        )
        guard let dimensions = try fields.dimensions() else {
            return try await forward(info, fields, .embed, to: info.path, .openAI)
        }
        let format = try fields.text("encoding_format") ?? "float"
        guard ["float", "base64"].contains(format) else {
            throw RequestError(
                .malformed,
                "'encoding_format' must be 'float' or 'base64'.",
                parameter: "encoding_format"
            )
        }
        let entry = try await entry(named: fields.text("model"), role: .embed)
        let input = fields.node("input").map { JSONValue($0) } ?? .null
        let question: JSONValue = [
            "model": .string(entry.name), "input": input, "encoding_format": "base64",
        ]
        let upstream = upstream(info, path: "/v1/embeddings", body: question.buffer)
        return try await ask(
            ModelRequest(
                entry: entry,
                terms: try terms(info.request, fields, entry),
                dialect: .openAI,
                upstream: { _ in upstream },
                translation: { _ in
                    EmbeddingTranslation(dimensions: dimensions, isBase64: format == "base64")
                }
            ),
            info
        )
    }

    /// Ranks documents: over the shared path a request that the model understands
    /// passes as it is.
    func rerank(_ info: RequestInfo, _ api: RerankAPI) async throws -> Response {
        let fields = try await read(RerankRequest.fields, of: info)
        if api == .shared, RerankRequest.passes(fields) {
            return try await forward(info, fields, .rerank, to: info.path, .rerank)
        }
        let entry = try await entry(named: fields.text("model"), role: .rerank)
        let request = try RerankRequest(fields, name: entry.name)
        let upstream = upstream(info, path: "/v1/rerank", body: request.body)
        return try await ask(
            ModelRequest(
                entry: entry,
                terms: try terms(info.request, fields, entry),
                dialect: api == .cohere ? .cohere : .rerank,
                upstream: { _ in upstream },
                translation: { _ in
                    RerankTranslation(api: api, request: request, requestID: info.id)
                }
            ),
            info
        )
    }
}
