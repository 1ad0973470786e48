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

/// What is kept of ``TransitionStatistics`` over a restart.
struct TransitionSnapshot: Hashable, Codable, Sendable {
    struct Name: Hashable, Codable, Sendable {
        var path: String
        var role: ModelRole
        var profile: String

        init(_ model: ModelID) {
            path = model.path
            role = model.role
            profile = model.profile
        }

        var id: ModelID { ModelID(path: path, role: role, profile: profile) }
    }

    struct Successor: Hashable, Codable, Sendable {
        var model: Name
        var count: Double
    }

    struct Row: Hashable, Codable, Sendable {
        var model: Name
        var total: Double
        var successors: [Successor]
    }

    var rows: [Row] = []
}
