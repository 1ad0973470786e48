/// A request for an answer, as the thread of its context gets it.
struct ReplyRequest: Sendable {
    /// What is to be gone on with.
    enum Input: Sendable {
        case messages([ChatMessage])
        case text(String)
    }

    var id: Inbox.ID
    var input: Input
    var options: ReplyOptions
    var answer: ReplyBuffer
    var received: ContinuousClock.Instant
}

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

/// A conversation to be saved or restored, as the thread of its context gets it.
struct StateJob: Sendable {
    enum Action: Sendable {
        case save([ChatMessage], to: String)
        case restore(from: String)
    }

    var action: Action
    /// Takes the tokens saved or restored.
    var continuation: CheckedContinuation<Int, any Error>
}
