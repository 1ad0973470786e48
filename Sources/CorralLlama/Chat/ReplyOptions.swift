/// How an answer is made, and when it ends.
public struct ReplyOptions: Hashable, Sendable {
    /// What happens when a conversation outgrows its context.
    public enum Overflow: Hashable, Sendable {
        /// A prompt that is too long fails with ``LlamaError/Code/contextOverflow``; an answer that
        /// reaches the end ends there, its reason ``ReplySummary/Reason/contextFull``.
        case fail
        /// The oldest half of what follows the first `keeping` tokens is forgotten, again and again.
        ///
        /// Models whose memory cannot be moved, as recurrent ones, fail as with ``fail``.
        case shift(keeping: Int)
    }

    /// How each next token is chosen.
    public var sampling: Sampling

    /// The most tokens of the answer; `nil` for as many as there is room for.
    public var maximumTokens: Int?

    /// Texts at which the answer ends; they are not part of it.
    public var stops: [String]

    /// What happens when the conversation outgrows its context.
    public var overflow: Overflow

    /// Creates options.
    ///
    /// - Parameters:
    ///   - sampling: How each next token is chosen.
    ///   - maximumTokens: The most tokens of the answer; `nil` for as many as there is room for.
    ///   - stops: Texts at which the answer ends.
    ///   - overflow: What happens when the conversation outgrows its context.
    public init(
        sampling: Sampling = Sampling(),
        maximumTokens: Int? = nil,
        stops: [String] = [],
        overflow: Overflow = .fail
    ) {
        self.sampling = sampling
        self.maximumTokens = maximumTokens
        self.stops = stops
        self.overflow = overflow
    }
}
