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

    /// What goes with some of its names, in lower case, in Ollama's API, where names may bring
    /// along a message of the system and more.
    public var defaults: [String: ServedDefaults] = [:]

    /// Creates facts of which none is known.
    public init() {}
}
