/// What a cache has learned, to be kept over a restart: about a kilobyte for each model.
public struct LearnedState: Hashable, Codable, Sendable {
    /// What the eviction policy has learned; `nil` for one that learns nothing.
    public var policy: PolicySnapshot?
    /// Which model was asked for after which.
    var transitions: TransitionSnapshot

    init(policy: PolicySnapshot?, transitions: TransitionSnapshot) {
        self.policy = policy
        self.transitions = transitions
    }
}
