import CorralCache
import CorralDialects

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
    /// Says which methods there are, and grants them to other origins.
    case options
    /// The dashboard, or a text on what the server is.
    case welcome
    /// Says that the server answers.
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
    /// Takes a client's hint at the models that it will want next.
    case hint
    /// Says what was decided about a model lately.
    case why
    /// Says what would happen if a model were asked for now.
    case whatIf
    /// Reads the configuration again.
    case reload
    /// Streams what happens in the cache.
    case events
    /// Streams what the dashboard shows.
    case feed
    /// Tells the metrics, in Prometheus's format.
    case metrics

    /// Who may ask, where keys are needed.
    enum Access: Sendable {
        /// Anybody, because the answer tells nothing of models and of other clients.
        case open
        /// Holders of keys for inference and for administration.
        case inference
        /// Holders of keys for administration.
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

    /// Who may ask: administrators, unless a route is listed for others.
    var access: Access {
        switch self {
        case .options, .welcome, .health: .open
        case .inference, .embeddings, .rerank, .ollama, .models, .model, .hint: .inference
        default: .admin
        }
    }
}
