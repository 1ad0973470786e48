import CorralCache
import CorralDialects
import CorralJSON
import CorralObservability
import HTTPTypes
import Hummingbird

/// Ollama's API.
extension CorralResponder {
    /// The version of Ollama's API that is spoken; clients ask for it before they use what newer
    /// versions brought.
    static var ollamaVersion: String { "0.12.6" }

    func ollama(_ route: OllamaRoute, _ info: RequestInfo) async throws -> Response {
        switch route {
        case .chat: return try await generate(.chat, info)
        case .generate: return try await generate(.generate, info)
        case .embed: return try await embed(info, isLegacy: false)
        case .embeddings: return try await embed(info, isLegacy: true)
        case .tags: return tags
        case .ps: return running
        case .show: return try await show(info)
        case .version: return Self.json(["version": .string(Self.ollamaVersion)])
        case .managesFiles:
            throw RequestError(
                .notSupported,
                """
                Corral serves the model files that are there and neither fetches, makes nor \
                removes any: put GGUF files into a folder it serves (`corral serve --models`), \
                where they are found without a restart. GET /api/tags lists the models.
                """
            )
        }
    }

    private func generate(
        _ kind: OllamaTranslation.Kind,
        _ info: RequestInfo
    ) async throws -> Response {
        let fields = try await read(OllamaGeneration.fields, of: info)
        let called = try fields.ollamaModel()
        if OllamaGeneration.isEmpty(kind, fields) {
            return try await prepare(kind, called, fields, info)
        }
        let entry = try await entry(named: called, role: .chat)
        let request = try OllamaGeneration(
            kind,
            fields,
            name: entry.name,
            trainedContext: entry.contextTokens,
            defaults: entry.defaults(calledBy: called)
        )
        var terms = try terms(info.request, fields, entry)
        terms.minimumContext = request.contextTokens ?? 0
        let upstream = upstream(info, path: request.path, body: request.body)
        let (received, wallClock) = (info.received, wallClock)
        return try await ask(
            ModelRequest(
                entry: entry,
                terms: terms,
                dialect: .ollama,
                upstream: { _ in upstream },
                translation: { waited in
                    OllamaTranslation(
                        kind,
                        model: called ?? entry.name,
                        showsThinking: request.showsThinking,
                        elapsed: { received.elapsed },
                        loadTime: waited,
                        clock: wallClock
                    )
                }
            ),
            info
        )
    }

    /// Tells the time of day, for answers that carry it.
    private var wallClock: WallClock { WallClock(now: configuration.timeOfDay) }

    /// Loads the model, or unloads it where it may not stay idle at all.
    private func prepare(
        _ kind: OllamaTranslation.Kind,
        _ called: String?,
        _ fields: RequestFields,
        _ info: RequestInfo
    ) async throws -> Response {
        let entry = try await entry(named: called, role: nil)
        var terms = try terms(info.request, fields, entry)
        let unloads = terms.keepAlive == .idle(.zero)
        if unloads {
            for same in directory.models.entries(of: entry.name) { cache.unload(same.id) }
        } else {
            let options = try OllamaOptions(
                fields.node("options"),
                trainedContext: entry.contextTokens,
                defaults: entry.defaults(calledBy: called)
            )
            terms.minimumContext = options.contextTokens ?? 0
            try await load(entry, terms)
        }
        return Self.json(
            OllamaTranslation.empty(
                kind,
                reason: unloads ? "unload" : "load",
                model: called ?? entry.name,
                elapsed: info.received.elapsed,
                clock: wallClock
            ),
            headers: [.model: entry.name]
        )
    }
}
