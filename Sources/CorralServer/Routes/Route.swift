import CorralCache

/// What is done for one method of one path.
enum Route: Hashable, Sendable {
    /// Passes the request to a model of this role (of any, when `nil`), at
    /// another path where the model knows it under another.
    case inference(role: ModelRole?, path: String?)
    /// Makes embeddings, at OpenAI's path or one like it.
    case embeddings
    /// Ranks documents.
    case rerank(RerankAPI)
    /// Answers Ollama's clients.
    case ollama(OllamaRoute)
    /// Says what this is.
    case welcome
    /// Says that the server lives.
    case health
    /// Lists the models.
    case models
    /// Describes one model.
    case model(name: String)
    /// Says what the cache holds and has done.
    case status
    /// Loads a model.
    case load
    /// Unloads models.
    case unload
    /// Pins or unpins a model.
    case pin
    /// Takes a client's word on what it will want next.
    case hint
    /// Says what was decided about a model lately.
    case why
    /// Says what would happen if a model were asked for.
    case whatIf
    /// Reads the configuration again.
    case reload
    /// Streams what happens in the cache.
    case events
    /// Streams what the dashboard shows.
    case feed
    /// Tells what can be measured.
    case metrics

    /// Who may ask, where keys are needed.
    enum Access: Sendable {
        /// Anybody: it tells nothing of anybody.
        case open
        /// Who may use models.
        case inference
        /// Who may look at the daemon and steer it.
        case admin

        /// The scope that a key must have; none is needed when `nil`.
        var scope: AccessScope? {
            switch self {
            case .open: nil
            case .inference: .inference
            case .admin: .admin
            }
        }
    }

    /// Who may ask; what nothing is said of is for administrators.
    var access: Access {
        switch self {
        case .welcome, .health: .open
        case .inference, .embeddings, .rerank, .ollama, .models, .model, .hint: .inference
        default: .admin
        }
    }
}
