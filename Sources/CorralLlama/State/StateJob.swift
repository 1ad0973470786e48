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
