/// What became of the hint that a model will be wanted soon.
public struct HintOutcome: Hashable, Sendable {
    /// What a hint did at once.
    public enum Result: String, Codable, Hashable, Sendable {
        /// The model is in memory, or on its way there, already.
        case resident
        /// The model is being loaded now.
        case loading
        /// The model's file is being read into the page cache.
        case reading
        /// It will be loaded when the loader is idle and there is room, while the hint lasts.
        case pending
        /// Nothing will be done.
        case declined
    }

    /// The model that was hinted at.
    public var model: ModelID
    /// What the hint did.
    public var result: Result
    /// Why nothing will be done, where that is so: one sentence.
    public var reason: String?

    /// Creates an outcome.
    public init(model: ModelID, result: Result, reason: String? = nil) {
        self.model = model
        self.result = result
        self.reason = reason
    }
}
