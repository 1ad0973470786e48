/// The defaults that go with one name of a model, as a Modelfile of Ollama has them: one file may
/// have several names, each with a system message of its own.
package struct NameDefaults: Hashable, Sendable {
    /// The message of the system in a conversation that has none (`SYSTEM`).
    package var system: String?

    /// The tokens of context that are wanted where a request does not say (`PARAMETER num_ctx`).
    package var contextTokens: Int?

    /// The texts that end an answer where a request does not say (`PARAMETER stop`).
    package var stops: [String] = []
}
