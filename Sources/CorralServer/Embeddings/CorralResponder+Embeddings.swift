import CorralCache
import Hummingbird
import NIOCore

/// Embeddings over OpenAI's API.
extension CorralResponder {
    /// Passes the request on, unless embeddings are wanted in fewer dimensions than
    /// the model makes: models know no `dimensions`.
    func embeddings(_ info: RequestInfo) async throws -> Response {
        let fields = try fields(
            ["model", "keep_alive", "priority", "dimensions", "encoding_format", "input"],
            of: try await body(of: info.request)
        )
        guard let dimensions = try fields.dimensions() else {
            return try await pass(info, fields, role: .embed, path: nil, dialect: .openAI)
        }
        let format = try fields.text("encoding_format") ?? "float"
        guard ["float", "base64"].contains(format) else {
            throw RequestError(
                .malformed,
                "'encoding_format' must be 'float' or 'base64'.",
                parameter: "encoding_format"
            )
        }
        let entry = try entry(named: fields.text("model"), role: .embed)
        let input = fields.node("input").map { JSONValue($0) } ?? .null
        let question: JSONValue = [
            "model": .string(entry.name), "input": input, "encoding_format": "base64",
        ]
        let upstream = upstream(info, path: "/v1/embeddings", body: question.buffer)
        return try await ask(
            Inquiry(
                entry: entry,
                terms: try terms(info.request, fields, entry),
                dialect: .openAI,
                request: { _ in upstream },
                translation: { _ in
                    EmbeddingAnswer(dimensions: dimensions, isBase64: format == "base64")
                }
            ),
            info
        )
    }
}
