/// Where a model's file is, as far as the time of its next load is concerned.
public struct ModelStorage: Hashable, Sendable {
    /// A name for the device it is on, such as a mount point; empty where it is not known.
    ///
    /// Models on one device are expected to load at one speed.
    public var name: String

    /// The share of the file that is in the page cache now, from 0 to 1; `nil` where it cannot
    /// be told.
    public var cachedShare: Double?

    /// Creates a description.
    public init(name: String = "", cachedShare: Double? = nil) {
        self.name = name
        self.cachedShare = cachedShare
    }

    /// Whether a load mostly comes from memory: three quarters are there.
    public var isCached: Bool { (cachedShare ?? 0) >= 0.75 }
}

/// What a loaded model holds that would have to be computed again after an unload.
public struct ConversationState: Hashable, Sendable {
    /// The tokens in its KV cache that are likely to be asked for again.
    public var tokens: Int
    /// The speed at which it was found to process prompts, in tokens per second; `nil` before
    /// the first prompt.
    public var tokensPerSecond: Double?

    /// Creates a state.
    public init(tokens: Int = 0, tokensPerSecond: Double? = nil) {
        self.tokens = tokens
        self.tokensPerSecond = tokensPerSecond
    }

    /// How long computing them again takes, in seconds; zero where the speed is not known.
    public var seconds: Double {
        guard let tokensPerSecond, tokensPerSecond > 0, tokens > 0 else { return 0 }
        return min(Double(tokens) / tokensPerSecond, 3600)
    }
}
