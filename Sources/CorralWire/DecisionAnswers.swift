/// What `/corral/v1/why` tells: what was decided about a model, the latest decision first.
package struct WhyAnswer: Codable, Hashable, Sendable {
    package var model: String
    package var role: String
    package var profile: String?
    package var state: String
    /// The name of the eviction policy.
    package var policy: String
    package var decisions: [Decision]

    package init(_ name: NamedModel, state: String, policy: String, decisions: [Decision]) {
        (model, role, profile) = (name.model, name.role, name.profile)
        self.state = state
        self.policy = policy
        self.decisions = decisions
    }

    /// One decision.
    package struct Decision: Codable, Hashable, Sendable {
        package var number: Int
        /// `evicted`, `kept`, `refused`, `expired`, `gave_back`, `prefetched` or
        /// `declined_prefetch`.
        package var decision: String
        /// When, in seconds since the daemon began.
        package var timeSeconds: Double?
        package var agoSeconds: Double
        /// The model that needed memory; null where no model did.
        @OrNull package var `for`: NamedModel?
        package var needed: DomainCounts
        package var free: DomainCounts
        /// Of a refusal, its kind and its sentence.
        package var code: String?
        package var message: String?
        package var candidates: [Candidate]

        package init(
            number: Int,
            decision: String,
            timeSeconds: Double?,
            agoSeconds: Double,
            for model: NamedModel?,
            needed: DomainCounts,
            free: DomainCounts,
            candidates: [Candidate]
        ) {
            self.number = number
            self.decision = decision
            self.timeSeconds = timeSeconds
            self.agoSeconds = agoSeconds
            self.for = model
            self.needed = needed
            self.free = free
            self.candidates = candidates
        }
    }
}

/// A resident model that a decision looked at.
package struct Candidate: Codable, Hashable, Sendable {
    package var model: String
    package var role: String
    package var profile: String?
    /// What became of it: `evicted`, `kept`, `leased`, `pinned`, `fresh` or `moving`.
    package var fate: String
    /// What it holds.
    package var bytes: Int64
    package var idleSeconds: Double
    package var score: Double
    package var reloadSeconds: Double
    @OrNull package var secondsToNextUse: Double?

    package init(
        _ name: NamedModel,
        fate: String,
        bytes: Int64,
        idleSeconds: Double,
        score: Double,
        reloadSeconds: Double,
        secondsToNextUse: Double?
    ) {
        (model, role, profile) = (name.model, name.role, name.profile)
        self.fate = fate
        self.bytes = bytes
        self.idleSeconds = idleSeconds
        self.score = score
        self.reloadSeconds = reloadSeconds
        self.secondsToNextUse = secondsToNextUse
    }
}

/// What `/corral/v1/what-if` tells: what would happen if a model were asked for now.
package struct WhatIfAnswer: Codable, Hashable, Sendable {
    package var model: String
    package var role: String
    package var profile: String?
    /// `resident`, `loading`, `fits`, `evicts`, `waits` or `refused`.
    package var outcome: String
    package var needed: DomainCounts
    package var free: DomainCounts
    package var limit: DomainCounts
    /// The tokens of context it would offer to a request.
    package var contextTokens: Int
    package var loadSeconds: Double
    package var waitSeconds: Double
    /// The models that would have to go.
    package var victims: [Candidate]
    package var candidates: [Candidate]
    /// Of a refusal, its kind and its sentence.
    package var code: String?
    package var message: String?

    package init(
        _ name: NamedModel,
        outcome: String,
        needed: DomainCounts,
        free: DomainCounts,
        limit: DomainCounts,
        contextTokens: Int,
        loadSeconds: Double,
        waitSeconds: Double,
        candidates: [Candidate]
    ) {
        (model, role, profile) = (name.model, name.role, name.profile)
        self.outcome = outcome
        self.needed = needed
        self.free = free
        self.limit = limit
        self.contextTokens = contextTokens
        self.loadSeconds = loadSeconds
        self.waitSeconds = waitSeconds
        self.victims = candidates.filter { $0.fate == "evicted" }
        self.candidates = candidates
    }
}
