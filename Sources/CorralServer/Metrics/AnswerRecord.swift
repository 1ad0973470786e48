/// One answer of a model, as it looked from here when it had ended.
struct AnswerRecord: Hashable, Sendable {
    /// How it ended.
    enum Outcome: String, Hashable, Sendable {
        /// The client has all of it.
        case complete
        /// The model ended first.
        case failed
        /// The client went away.
        case abandoned
    }

    var outcome: Outcome

    /// From the request's head to the end of the answer.
    var duration: Duration

    /// From the request's head to the first event; `nil` unless it was streamed.
    var firstEvent: Duration?

    /// The chunks that were streamed.
    var chunks = 0

    /// What the end of the answer told of tokens, where it told anything.
    var tokens: TokenCounts?
}
