/// Whose rerank API a path speaks.
enum RerankAPI: Hashable, Sendable {
    /// Jina's, which is llama-server's, and the first version of Cohere's: one path,
    /// and answers that the clients of all three read.
    case shared
    /// The second version of Cohere's.
    case cohere
}
