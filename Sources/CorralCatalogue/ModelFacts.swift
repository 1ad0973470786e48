package import CorralCache

/// The facts in a model's header that people choose models by.
package struct ModelFacts: Hashable, Sendable {
    /// The purposes of GGUF files (`general.type`, and the architecture where that is absent).
    package enum Kind: Hashable, Sendable {
        /// A model that answers by itself.
        case model
        /// A network that turns images or sound into tokens of a model (llama.cpp: `mmproj`).
        case projector
        /// Something else that another model needs: an adapter, a matrix, a vocabulary.
        case helper(String)
    }

    /// The purpose of the file.
    package var kind: Kind

    /// `general.architecture`, such as `llama` or `bert`.
    package var architecture: String

    /// `general.name`, where it says one.
    package var title: String?

    /// How the weights are quantized, in llama.cpp's words, such as `Q4_K_M`.
    package var quantization: String?

    /// The tokens of context the model was trained on; `nil` where the file is silent.
    package var trainingContext: Int?

    /// The numbers in all tensors together.
    package var parameterCount: UInt64

    /// The elements of a token's embedding; of a projector, those it makes.
    package var embeddingWidth: Int?

    /// The role the model is for.
    package var role: ModelRole

    /// The abilities besides generating text, in Ollama's words: `tools`, `thinking`,
    /// `insert`.
    package var abilities: Set<String>

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
    package init(
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
