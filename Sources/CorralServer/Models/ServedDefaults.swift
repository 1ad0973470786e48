/// What a model is asked with where a request does not say, because of the name it is called by.
public struct ServedDefaults: Hashable, Sendable {
    /// The message of the system in a conversation that has none.
    public var system: String?

    /// The tokens of context that are wanted.
    public var contextTokens: Int?

    /// What ends an answer.
    public var stops: [String]

    /// Creates defaults.
    public init(system: String? = nil, contextTokens: Int? = nil, stops: [String] = []) {
        self.system = system
        self.contextTokens = contextTokens
        self.stops = stops
    }
}
