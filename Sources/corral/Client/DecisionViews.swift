/// Bytes by memory domain, as the daemon writes them.
typealias DomainCounts = [String: Int64]

/// A model in a decision, as the daemon tells it.
struct CandidateView: Codable, Hashable, Sendable {
    var model: String
    var role: String
    var fate: String
    var bytes: Int64
    var idleSeconds: Double
    var score: Double
    var reloadSeconds: Double
    var secondsToNextUse: Double?
}

/// What was decided about a model, the latest first.
struct WhyView: Codable, Hashable, Sendable {
    struct Decision: Codable, Hashable, Sendable {
        var number: Int
        var decision: String
        var agoSeconds: Double
        var `for`: NamedModel?
        var needed: DomainCounts
        var free: DomainCounts
        var code: String?
        var message: String?
        var candidates: [CandidateView]
    }

    var model: String
    var role: String
    var state: String
    var policy: String
    var decisions: [Decision]
}

/// What would happen if a model were asked for.
struct WhatIfView: Codable, Hashable, Sendable {
    var model: String
    var role: String
    var outcome: String
    var needed: DomainCounts
    var free: DomainCounts
    var limit: DomainCounts
    var contextTokens: Int
    var loadSeconds: Double
    var waitSeconds: Double
    var victims: [CandidateView]
    var candidates: [CandidateView]
    var code: String?
    var message: String?
}

/// What became of hints.
struct HintView: Codable, Hashable, Sendable {
    struct Outcome: Codable, Hashable, Sendable {
        var model: String
        var role: String
        var result: String
        var reason: String?
    }

    var models: [Outcome]
}
