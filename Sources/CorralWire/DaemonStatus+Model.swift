extension DaemonStatus {
    /// One model: what it is and holds now, and what was done with it.
    ///
    /// Both are members of one object.
    @dynamicMemberLookup
    package struct Model: Codable, Hashable, Sendable {
        package var current: ModelState
        package var counts: Counts

        package init(_ state: ModelState, _ counts: Counts = Counts()) {
            self.current = state
            self.counts = counts
        }

        package init(from decoder: any Decoder) throws {
            current = try ModelState(from: decoder)
            counts = try Counts(from: decoder)
        }

        package func encode(to encoder: any Encoder) throws {
            try current.encode(to: encoder)
            try counts.encode(to: encoder)
        }

        package subscript<Value>(dynamicMember member: KeyPath<ModelState, Value>) -> Value {
            current[keyPath: member]
        }
    }

    /// What a model is and holds now.
    package struct ModelState: Codable, Hashable, Sendable {
        package var model: String
        package var role: String
        package var profile: String?
        /// The last part of the path of its file.
        package var file: String?
        /// `loading`, `resident`, `draining`, `unloading`, `cooling_down` or `absent`.
        package var state: String
        /// How much of a load is done, from 0 to 1.
        package var progress: Double
        package var pinned: Bool
        /// The tokens of context that a request can have.
        package var contextTokens: Int
        @OrNull package var planned: FootprintValue?
        @OrNull package var reserved: FootprintValue?
        @OrNull package var measured: MeasuredValue?
        @OrNull package var ageSeconds: Double?
        @OrNull package var idleSeconds: Double?
        package var keepAlive: KeepAliveValue
        /// When idle it leaves after so long; null where that is not known now.
        @OrNull package var idleLimitSeconds: Double?
        package var prefetched: Bool?
        /// Its place among those that would have to go, the first one 0.
        @OrNull package var evictionRank: Int?
        @OrNull package var value: ScoreValue?
        package var leases: Int
        package var waiting: Int

        package init(
            name: NamedModel,
            state: String,
            progress: Double,
            pinned: Bool,
            contextTokens: Int,
            keepAlive: KeepAliveValue,
            leases: Int,
            waiting: Int
        ) {
            (model, role, profile) = (name.model, name.role, name.profile)
            self.state = state
            self.progress = progress
            self.pinned = pinned
            self.contextTokens = contextTokens
            self.keepAlive = keepAlive
            self.leases = leases
            self.waiting = waiting
        }
    }

    /// What the eviction policy thinks of a model.
    package struct ScoreValue: Codable, Hashable, Sendable {
        /// The higher, the longer it stays.
        package var score: Double
        package var reloadSeconds: Double
        @OrNull package var secondsToNextUse: Double?

        package init(score: Double, reloadSeconds: Double, secondsToNextUse: Double?) {
            self.score = score
            self.reloadSeconds = reloadSeconds
            self.secondsToNextUse = secondsToNextUse
        }
    }
}

/// A model by the name people use, and its role.
package struct NamedModel: Codable, Hashable, Sendable {
    package var model: String
    package var role: String
    package var profile: String?

    package init(model: String, role: String, profile: String? = nil) {
        self.model = model
        self.role = role
        self.profile = profile
    }
}
