import CorralCache
import CorralDialects

/// What people choose a model by, as far as it is known.
public struct ServedFacts: Hashable, Sendable {
    /// The architecture, such as `llama` or `bert`.
    public var architecture: String?

    /// The numbers in all tensors together; zero where unknown.
    public var parameterCount: UInt64 = 0

    /// How the weights are quantized, such as `Q4_K_M`.
    public var quantization: String?

    /// The size of its files, in bytes; zero where unknown.
    public var fileBytes: Int64 = 0

    /// The elements of a token's embedding.
    public var embeddingWidth: Int?

    /// What it can do besides generating text, in Ollama's words: `tools`, `vision`,
    /// `thinking`, `insert`.
    public var abilities: Set<String> = []

    /// What a request to Ollama's API says where it does not say otherwise, by the name, in lower
    /// case, that the model is called by.
    public var defaults: [String: ServedDefaults] = [:]

    /// Creates facts of which none is known.
    public init() {}
}

/// What a request says where it does not say otherwise, because of the name its model is called by.
public struct ServedDefaults: Hashable, Sendable {
    /// The system message of a conversation that has none.
    public var system: String?

    /// The tokens of context that are wanted.
    public var contextTokens: Int?

    /// The texts at which an answer stops.
    public var stops: [String]

    /// Creates defaults.
    public init(system: String? = nil, contextTokens: Int? = nil, stops: [String] = []) {
        self.system = system
        self.contextTokens = contextTokens
        self.stops = stops
    }
}

extension ServedEntry {
    /// The defaults of the name the model was called by.
    func defaults(calledBy name: String?) -> OllamaDefaults {
        guard let defaults = facts.defaults[(name ?? self.name).lowercased()] else {
            return OllamaDefaults()
        }
        return OllamaDefaults(
            system: defaults.system,
            contextTokens: defaults.contextTokens,
            stops: defaults.stops
        )
    }
}

extension OllamaModelDescription {
    /// Describes a model that is served.
    init(_ entry: ServedEntry) {
        self.init(name: entry.name, role: entry.id.role, path: entry.id.path)
        architecture = entry.facts.architecture
        parameterCount = entry.facts.parameterCount
        quantization = entry.facts.quantization
        fileBytes = entry.facts.fileBytes
        embeddingWidth = entry.facts.embeddingWidth
        abilities = entry.facts.abilities
        contextTokens = entry.contextTokens
        modified = entry.created
    }
}
