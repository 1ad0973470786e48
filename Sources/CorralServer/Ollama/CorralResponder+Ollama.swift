import CorralCache
import Hummingbird
import NIOCore

/// Ollama's API.
extension CorralResponder {
    /// The version of Ollama's API that is spoken; clients ask before they use what
    /// came with one.
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
        _ kind: OllamaAnswer.Kind,
        _ info: RequestInfo
    ) async throws -> Response {
        let watch = info.received
        let fields = try fields(OllamaGeneration.fields, of: try await body(of: info.request))
        let called = try fields.ollamaModel()
        if OllamaGeneration.isEmpty(kind, fields) {
            return try await prepare(kind, called, fields, info, watch)
        }
        let entry = try entry(named: called, role: .chat)
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
        let wallClock = configuration.wallClock
        return try await ask(
            Inquiry(
                entry: entry,
                terms: terms,
                dialect: .ollama,
                request: { _ in upstream },
                translation: { waited in
                    OllamaAnswer(
                        kind,
                        model: called ?? entry.name,
                        showsThinking: request.showsThinking,
                        watch: watch,
                        loadTime: waited,
                        wallClock: wallClock
                    )
                }
            ),
            info
        )
    }

    /// Loads the model, or unloads it where it may not stay idle at all.
    private func prepare(
        _ kind: OllamaAnswer.Kind,
        _ called: String?,
        _ fields: RequestFields,
        _ info: RequestInfo,
        _ watch: Stopwatch
    ) async throws -> Response {
        let entry = try entry(named: called, role: nil)
        let terms = try terms(info.request, fields, entry)
        let reason: String
        if terms.keepAlive == .idle(.zero) {
            for same in directory.entries where same.name == entry.name { cache.unload(same.id) }
            reason = "unload"
        } else {
            let options = try OllamaOptions(
                fields.node("options"),
                trainedContext: entry.contextTokens,
                defaults: entry.defaults(calledBy: called)
            )
            ClientPresence.current?.expectStay()
            _ = try await cache.lease(
                entry.id,
                options: entry.options,
                minimumContext: options.contextTokens ?? 0,
                keepAlive: terms.keepAlive,
                maximumWait: configuration.maximumWait,
                priority: terms.priority
            )
            reason = "load"
        }
        var members = OllamaAnswer.opening(called ?? entry.name, configuration.wallClock)
        switch kind {
        case .chat: members.append(("message", ["role": "assistant", "content": ""]))
        case .generate: members.append(("response", ""))
        }
        members += [
            ("done", true), ("done_reason", .string(reason)),
            ("total_duration", JSONValue(nanoseconds: watch.elapsed)),
        ]
        return Self.json(.object(members), headers: [.model: entry.name])
    }
}

extension ServedEntry {
    /// What goes with the name the model was called by.
    func defaults(calledBy name: String?) -> ServedDefaults {
        facts.defaults[(name ?? self.name).lowercased()] ?? ServedDefaults()
    }
}

extension RequestFields {
    /// The model as the client calls it; older clients call the member `name`.
    func ollamaModel() throws(RequestError) -> String? {
        if let model = try text("model"), !model.isEmpty { return model }
        return try text("name")
    }
}
