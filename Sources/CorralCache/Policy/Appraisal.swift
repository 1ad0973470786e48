/// What a policy thinks of a resident model.
public struct Appraisal: Hashable, Sendable {
    /// What losing it costs; the least goes first.
    ///
    /// Only to be compared within one policy and one moment: `value` counts seconds of reloading per turnover of the cache and GB, `lru` the
    /// seconds since the cache began until the last use.
    public var score: Double

    /// How long it would take to bring back, its conversations included, in seconds.
    public var reloadSeconds: Double

    /// How long it will probably take until it is used again, in seconds; `nil` for a policy
    /// that does not guess.
    public var secondsToNextUse: Double?

    /// Creates an appraisal.
    public init(score: Double, reloadSeconds: Double, secondsToNextUse: Double? = nil) {
        self.score = score
        self.reloadSeconds = reloadSeconds
        self.secondsToNextUse = secondsToNextUse
    }
}
