public import CorralCache

/// What a model's header says of it, as far as people choose models by it.
public struct ModelFacts: Hashable, Sendable {
    /// What a GGUF file is for (`general.type`, and the architecture where that is absent).
    public enum Kind: Hashable, Sendable {
        /// A model that answers by itself.
        case model
        /// What turns images or sound into tokens of a model (llama.cpp: `mmproj`).
        case projector
        /// Something else that another model needs: an adapter, a matrix, a vocabulary.
        case helper(String)
    }

    /// What the file is for.
    public var kind: Kind

    /// `general.architecture`, such as `llama` or `bert`.
    public var architecture: String

    /// `general.name`, where it says one.
    public var title: String?

    /// How the weights are quantized, in llama.cpp's words, such as `Q4_K_M`.
    public var quantization: String?

    /// The tokens of context the model was trained on; `nil` where the file is silent.
    public var trainingContext: Int?

    /// The numbers in all tensors together.
    public var parameterCount: UInt64

    /// The elements of a token's embedding; of a projector, those it makes.
    public var embeddingWidth: Int?

    /// What the model is for.
    public var role: ModelRole

    /// What it can do besides generating text, in Ollama's words: `tools`, `thinking`,
    /// `insert`.
    public var abilities: Set<String>

    /// Creates facts.
    ///
    /// - Parameters:
    ///   - kind: What the file is for.
    ///   - architecture: `general.architecture`.
    ///   - title: `general.name`.
    ///   - quantization: How the weights are quantized.
    ///   - trainingContext: The tokens of context the model was trained on.
    ///   - parameterCount: The numbers in all tensors together.
    ///   - embeddingWidth: The elements of a token's embedding.
    ///   - role: What the model is for.
    ///   - abilities: What it can do besides generating text.
    public init(
        kind: Kind = .model,
        architecture: String,
        title: String? = nil,
        quantization: String? = nil,
        trainingContext: Int? = nil,
        parameterCount: UInt64 = 0,
        embeddingWidth: Int? = nil,
        role: ModelRole = .chat,
        abilities: Set<String> = []
    ) {
        self.kind = kind
        self.architecture = architecture
        self.title = title
        self.quantization = quantization
        self.trainingContext = trainingContext
        self.parameterCount = parameterCount
        self.embeddingWidth = embeddingWidth
        self.role = role
        self.abilities = abilities
    }
}
