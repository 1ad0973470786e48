import CorralCache
import CorralDialects
import CorralWire
import HTTPTypes
import Hummingbird

/// Which paths there are, what each does, and in which API's shape it reports errors.
enum RouteTable {
    /// One path: its routes, and the shape of its errors.
    struct Entry: Hashable, Sendable {
        /// What is done for each method.
        var methods: [HTTPRequest.Method: Route]
        /// The API in whose shape errors are reported.
        var dialect: Dialect

        /// What is done for a request; `nil` where the path does not know its method.
        func route(of request: Request) -> Route? {
            switch request.method {
            case .options: .options
            case .head: methods[.get]
            default: methods[request.method]
            }
        }

        /// The methods a client may use.
        var allowed: [HTTPRequest.Method] {
            var methods = Set(methods.keys)
            if methods.contains(.get) { methods.insert(.head) }
            methods.insert(.options)
            return methods.sorted { $0.rawValue < $1.rawValue }
        }
    }

    /// Why a request has no route: its path is unknown, or its method.
    static func refusal(of request: Request) -> RequestError {
        let path = request.uri.path
        guard let entry = find(path) else {
            return RequestError(
                .routeNotFound,
                "There is no \(path) here; GET / lists what there is."
            )
        }
        var error = RequestError(
            .wrongMethod,
            "\(path) does not know the method \(request.method.rawValue)."
        )
        error.allowed = entry.allowed
        return error
    }

    /// Finds a path, as it stands in the request.
    static func find(_ path: String) -> Entry? {
        if let entry = entries[path] { return entry }
        for prefix in ["/v1/models/", "/models/"] where path.hasPrefix(prefix) {
            let name = path.dropFirst(prefix.count)
            guard !name.isEmpty, let decoded = name.removingPercentEncoding else { return nil }
            return Entry(methods: [.get: .model(name: decoded)], dialect: .openAI)
        }
        // The digests of files that Ollama's clients ask for before they send one.
        if path.hasPrefix("/api/blobs/") {
            let route = Route.ollama(.managesFiles)
            return Entry(methods: [.get: route, .post: route], dialect: .ollama)
        }
        return nil
    }

    /// What a path is counted under: itself where the table has it, else what stands
    /// for all of its kind, so that no client can make up new ones.
    static func label(of path: String) -> String {
        if entries[path] != nil { return path }
        if path.hasPrefix("/api/blobs/") { return "/api/blobs/{digest}" }
        return find(path) == nil ? "other" : "/v1/models/{name}"
    }

    /// The API in whose shape errors are reported at a path, which may not exist.
    static func dialect(of path: String) -> Dialect {
        if let entry = find(path) { return entry.dialect }
        if path.hasPrefix("/v1/messages") { return .anthropic }
        if path.hasPrefix("/api/") { return .ollama }
        return path.hasPrefix("/v2/") ? .cohere : .openAI
    }

    /// All paths with their methods, in alphabetical order.
    static var summary: [String] {
        entries.flatMap { path, entry in
            entry.methods.keys.map { method in (path, method.rawValue) }
        }
        .sorted { $0 < $1 }
        .map { path, method in "\(method) \(path)" }
    }

    private static let entries: [String: Entry] = {
        var entries: [String: Entry] = [
            "/": Entry(methods: [.get: .welcome], dialect: .openAI),
            "/health": Entry(methods: [.get: .health], dialect: .openAI),
            "/v1/health": Entry(methods: [.get: .health], dialect: .openAI),
            "/models": Entry(methods: [.get: .models], dialect: .openAI),
            "/v1/models": Entry(methods: [.get: .models], dialect: .openAI),
            WirePath.status: Entry(methods: [.get: .status], dialect: .openAI),
            WirePath.load: Entry(methods: [.post: .load], dialect: .openAI),
            WirePath.unload: Entry(methods: [.post: .unload], dialect: .openAI),
            WirePath.pin: Entry(methods: [.post: .pin], dialect: .openAI),
            WirePath.hint: Entry(methods: [.post: .hint], dialect: .openAI),
            WirePath.why: Entry(methods: [.get: .why], dialect: .openAI),
            WirePath.whatIf: Entry(methods: [.get: .whatIf], dialect: .openAI),
            WirePath.reload: Entry(methods: [.post: .reload], dialect: .openAI),
            WirePath.events: Entry(methods: [.get: .events], dialect: .openAI),
            WirePath.feed: Entry(methods: [.get: .feed], dialect: .openAI),
            "/metrics": Entry(methods: [.get: .metrics], dialect: .openAI),
        ]
        for (path, methods, route) in OllamaRoute.paths {
            let named = methods.compactMap { HTTPRequest.Method($0) }
            entries[path] = Entry(
                methods: Dictionary(uniqueKeysWithValues: named.map { ($0, .ollama(route)) }),
                dialect: .ollama
            )
        }
        for path in ["/v1/embeddings", "/embeddings"] {
            entries[path] = Entry(methods: [.post: .embeddings], dialect: .openAI)
        }
        for path in ["/v1/rerank", "/rerank", "/v1/reranking", "/reranking"] {
            entries[path] = Entry(methods: [.post: .rerank(.shared)], dialect: .rerank)
        }
        entries["/v2/rerank"] = Entry(methods: [.post: .rerank(.cohere)], dialect: .cohere)
        for (role, dialect, paths) in inference {
            for path in paths {
                let route = Route.inference(role: role, path: upstreamPaths[path])
                entries[path] = Entry(methods: [.post: route], dialect: dialect)
            }
        }
        return entries
    }()

    /// The paths of llama-server that concern one model, by the role they need.
    private static let inference: [(ModelRole?, Dialect, [String])] = [
        (
            .chat, .openAI,
            [
                "/v1/chat/completions", "/chat/completions", "/v1/completions", "/completions",
                "/completion", "/infill", "/apply-template",
                "/v1/chat/completions/input_tokens", "/chat/completions/input_tokens",
            ]
        ),
        (
            .chat, .openAIResponses,
            [
                "/v1/responses", "/responses", "/v1/responses/input_tokens",
                "/responses/input_tokens",
            ]
        ),
        (.chat, .anthropic, ["/v1/messages", "/v1/messages/count_tokens"]),
        (.embed, .openAI, ["/embedding"]),
        (nil, .openAI, ["/v1/tokenize", "/tokenize", "/v1/detokenize", "/detokenize"]),
    ]

    private static let upstreamPaths = [
        "/v1/tokenize": "/tokenize", "/v1/detokenize": "/detokenize",
    ]
}
