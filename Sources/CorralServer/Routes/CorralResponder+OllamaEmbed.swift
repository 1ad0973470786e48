import CorralCache
import CorralDialects
import CorralJSON
import CorralObservability
import HTTPTypes
import Hummingbird

/// Embeddings over Ollama's API.
extension CorralResponder {
    private static var embedFields: Set<String> {
        RequestFields.terms.union([
            "name", "input", "prompt", "truncate", "dimensions", "options",
        ])
    }

    func embed(_ info: RequestInfo, isLegacy: Bool) async throws -> Response {
        let fields = try await read(Self.embedFields, of: info)
        let called = try fields.ollamaModel()
        let entry = try await entry(named: called, role: .embed)
        let model = called ?? entry.name
        let texts = try Self.texts(fields.node(isLegacy ? "prompt" : "input"), isLegacy)
        let dimensions = try fields.dimensions()
        let options = try OllamaOptions(
            fields.node("options"),
            trainedContext: entry.contextTokens
        )
        var terms = try terms(info.request, fields, entry)
        terms.minimumContext = options.contextTokens ?? 0
        if texts.isEmpty { return try await prepareEmbedding(entry, terms, model, info, isLegacy) }
        let truncates = try fields.flag("truncate") ?? true
        let received = info.received
        return try await ask(
            ModelRequest(
                entry: entry,
                terms: terms,
                dialect: .ollama,
                upstream: { [self] served in
                    var input = JSONValue.array(texts.map { JSONValue($0) })
                    if truncates, let limit = contextTokens(of: entry.id) {
                        let truncation = OllamaTruncation(limit: limit)
                        input = try await truncation.inputs(texts, served)
                    }
                    let question: JSONValue = [
                        "model": .string(entry.name), "input": input,
                        "encoding_format": dimensions == nil ? "float" : "base64",
                    ]
                    return upstream(info, path: "/v1/embeddings", body: question.buffer)
                },
                translation: { waited in
                    OllamaEmbeddingTranslation(
                        model: model,
                        isLegacy: isLegacy,
                        dimensions: dimensions,
                        elapsed: { received.elapsed },
                        loadTime: waited
                    )
                }
            ),
            info
        )
    }

    /// The tokens of context that one request to a resident model can use.
    private func contextTokens(of id: ModelID) -> Int? {
        cache.statistics.models.first { $0.id == id }.map(\.contextTokens)
    }

    /// Loads the model for a request without texts.
    private func prepareEmbedding(
        _ entry: ServedEntry,
        _ terms: RequestTerms,
        _ model: String,
        _ info: RequestInfo,
        _ isLegacy: Bool
    ) async throws -> Response {
        let started = Stopwatch(clock)
        try await load(entry, terms)
        if isLegacy { return Self.json(["embedding": []], headers: [.model: entry.name]) }
        return Self.json(
            OllamaEmbeddingTranslation.object(
                model,
                [],
                info.received.elapsed,
                started.elapsed,
                0
            ),
            headers: [.model: entry.name]
        )
    }

    /// The texts to embed; where there are none, the request is to load the model.
    private static func texts(
        _ node: JSONNode?,
        _ isLegacy: Bool
    ) throws(RequestError) -> [JSONNode] {
        let name = isLegacy ? "prompt" : "input"
        guard let node, !node.isNull else { return [] }
        let texts = isLegacy || node.kind == .string ? [node] : node.elements
        guard node.kind == .array || node.kind == .string,
            texts.allSatisfy({ $0.kind == .string })
        else {
            let expected = isLegacy ? "a text" : "a text or a list of texts"
            throw RequestError(.malformed, "'\(name)' must be \(expected).", parameter: name)
        }
        return texts.count == 1 && texts[0].string == "" ? [] : texts
    }
}
