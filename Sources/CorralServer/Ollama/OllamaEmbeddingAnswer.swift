import NIOCore

/// Embeddings in Ollama's words.
struct OllamaEmbeddingAnswer: AnswerTranslation {
    /// The model as the client called it.
    let model: String
    /// Whether the client knows but one embedding: `/api/embeddings`.
    let isLegacy: Bool
    /// The elements to keep; then the model sends base64.
    let dimensions: Int?
    let watch: Stopwatch
    let loadTime: Duration

    mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer {
        let answer = try EmbeddingReport(body)
        var embeddings: [JSONValue] = []
        for node in answer.embeddings {
            embeddings.append(
                dimensions == nil
                    ? JSONValue(node)
                    : try EmbeddingAnswer.vector(node, dimensions: dimensions).list
            )
        }
        if isLegacy {
            return JSONValue.object([("embedding", embeddings.first ?? [])]).buffer
        }
        return Self.object(model, embeddings, watch, loadTime, answer.promptTokens).buffer
    }

    /// The answer of `/api/embed`.
    static func object(
        _ model: String,
        _ embeddings: [JSONValue],
        _ watch: Stopwatch,
        _ loadTime: Duration,
        _ tokens: Int
    ) -> JSONValue {
        [
            "model": .string(model),
            "embeddings": .array(embeddings),
            "total_duration": JSONValue(nanoseconds: watch.elapsed),
            "load_duration": JSONValue(nanoseconds: loadTime),
            "prompt_eval_count": JSONValue(tokens),
        ]
    }
}
