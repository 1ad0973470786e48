/// What an answer came to.
public struct ReplySummary: Hashable, Sendable {
    /// Why an answer ended.
    public enum Reason: String, Hashable, Sendable {
        /// The model ended it, or one of the stops did.
        case stop
        /// The answer reached the most tokens it was allowed.
        case length
        /// The answer reached the end of the context.
        case contextFull
    }

    /// The tokens of a request.
    public struct Usage: Hashable, Sendable {
        /// The tokens of the prompt.
        public var promptTokens: Int
        /// The tokens of the prompt that were not computed, being known from before.
        public var reusedTokens: Int
        /// The tokens chosen for the answer, the one that ended it included, as llama-server counts.
        public var answerTokens: Int
    }

    /// Why the answer ended.
    public var reason: Reason

    /// The tokens of the request.
    public var usage: Usage

    /// From the request to the first token: the prompt's time, waiting included.
    public var timeToFirstToken: Duration

    /// From the first token to the end.
    public var timeToAnswer: Duration

    /// The answer's tokens by their numbers in the model's vocabulary, without the one that ended it.
    public var tokens: [Int32]
}
