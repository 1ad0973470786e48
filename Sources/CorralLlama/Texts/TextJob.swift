/// Texts to be turned into vectors or scores, as the thread of their context gets them.
struct TextJob: Sendable {
    enum Input: Sendable {
        case embed([String])
        case rerank(query: String, documents: [String])
    }

    var id: Inbox.ID
    var input: Input
    /// Takes a vector for each text, or a score alone for each document, and their tokens.
    var continuation: CheckedContinuation<Output, any Error>

    struct Output: Sendable {
        var vectors: [[Float]]
        var tokens: Int
    }
}
