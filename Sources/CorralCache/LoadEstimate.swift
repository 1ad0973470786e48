package import CorralMemory

/// What the state machine knows of a plan: numbers, no engine.
package struct LoadEstimate: Hashable, Sendable {
    /// An upper bound on what the model will hold.
    package var footprint: Footprint
    /// The tokens of context one request can use.
    package var contextTokens: Int
    /// How long the load will take, where that is known; what was observed is asked else.
    package var loadTime: Duration?
    /// Sentences that say what would make it fit.
    package var remedies: [String]

    package init(
        footprint: Footprint,
        contextTokens: Int = 0,
        loadTime: Duration? = nil,
        remedies: [String] = []
    ) {
        self.footprint = footprint
        self.contextTokens = contextTokens
        self.loadTime = loadTime
        self.remedies = remedies
    }
}
