/// What is asked at one of the paths of Ollama's API.
enum OllamaRoute: Hashable, Sendable {
    /// Answers a conversation; loads or unloads where there is none.
    case chat
    /// Continues a text, fills one in, or answers one; loads or unloads where there is none.
    case generate
    /// Makes embeddings of texts.
    case embed
    /// Makes the embedding of one text, as older clients ask for it.
    case embeddings
    /// Lists the models.
    case tags
    /// Lists the models in memory.
    case ps
    /// Describes a model.
    case show
    /// Tells the version of Ollama's API that is spoken.
    case version
    /// Says what to do instead of fetching, making or removing a model.
    case managesFiles

    /// The paths with the methods that each is asked with, and its route.
    static let paths: [(path: String, methods: [String], route: OllamaRoute)] = [
        ("/api/chat", ["POST"], .chat),
        ("/api/generate", ["POST"], .generate),
        ("/api/embed", ["POST"], .embed),
        ("/api/embeddings", ["POST"], .embeddings),
        ("/api/tags", ["GET"], .tags),
        ("/api/ps", ["GET"], .ps),
        ("/api/show", ["POST"], .show),
        ("/api/version", ["GET"], .version),
        ("/api/pull", ["POST"], .managesFiles),
        ("/api/push", ["POST"], .managesFiles),
        ("/api/create", ["POST"], .managesFiles),
        ("/api/copy", ["POST"], .managesFiles),
        ("/api/delete", ["DELETE", "POST"], .managesFiles),
    ]
}
