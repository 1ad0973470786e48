package import CorralJSON
package import NIOCore

/// Embeddings in Ollama's shape.
package struct OllamaEmbeddingTranslation: AnswerTranslation {
    private let model: String
    private let isLegacy: Bool
    private let dimensions: Int?
    private let elapsed: @Sendable () -> Duration
    private let loadTime: Duration

    /// Creates a translation of one answer.
    ///
    /// - Parameters:
    ///   - model: The model as the client called it.
    ///   - isLegacy: Whether the client reads one embedding only: `/api/embeddings`.
    ///   - dimensions: The elements to keep; all of them, and no base64, when `nil`.
    ///   - elapsed: Tells the time since the request came.
    ///   - loadTime: How long the request waited for the model.
    package init(
        model: String,
        isLegacy: Bool,
        dimensions: Int?,
        elapsed: @escaping @Sendable () -> Duration,
        loadTime: Duration
    ) {
        self.model = model
        self.isLegacy = isLegacy
        self.dimensions = dimensions
        self.elapsed = elapsed
        self.loadTime = loadTime
    }

    package mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer {
        let answer = try EmbeddingReport(body)
        var embeddings: [JSONValue] = []
        for node in answer.embeddings {
            embeddings.append(
                dimensions == nil
                    ? JSONValue(node)
                    : try EmbeddingTranslation.vector(node, dimensions: dimensions).list
            )
        }
        if isLegacy {
            return JSONValue.object([("embedding", embeddings.first ?? [])]).buffer
        }
        return Self.object(model, embeddings, elapsed(), loadTime, answer.promptTokens).buffer
    }

    /// The answer of `/api/embed`.
    package static func object(
        _ model: String,
        _ embeddings: [JSONValue],
        _ elapsed: Duration,
        _ loadTime: Duration,
        _ tokens: Int
    ) -> JSONValue {
        [
            "model": .string(model),
            "embeddings": .array(embeddings),
            "total_duration": JSONValue(nanoseconds: elapsed),
            "load_duration": JSONValue(nanoseconds: loadTime),
            "prompt_eval_count": JSONValue(tokens),
        ]
    }
}
