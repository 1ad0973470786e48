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
    var writer: Reply.Writer
    var received: ContinuousClock.Instant
}
