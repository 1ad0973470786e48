/// What goes with one of a model's names, as a Modelfile of Ollama has it: one file may be called by
/// several, each of which asks it for something else.
public struct NameDefaults: Hashable, Sendable {
    /// The message of the system in a conversation that has none (`SYSTEM`).
    public var system: String?

    /// The tokens of context that are wanted where a request does not say (`PARAMETER num_ctx`).
    public var contextTokens: Int?

    /// What ends an answer where a request does not say (`PARAMETER stop`).
    public var stops: [String] = []
}
