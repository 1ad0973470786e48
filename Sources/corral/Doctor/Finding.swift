/// One thing that `corral doctor` has looked at, and how it is.
struct Finding: Encodable, Hashable, Sendable {
    /// How good or bad a finding is.
    enum Verdict: String, Encodable, Sendable {
        /// The thing is as it should be.
        case ok
        /// Serving works, but not as well as it could.
        case warning
        /// Serving does not work like this.
        case problem
    }

    /// How good or bad it is.
    var verdict: Verdict
    /// The thing that was looked at.
    var subject: String
    /// How the thing is, in a sentence without an end.
    var found: String
    /// What to do, where something should be done.
    var advice: String?

    static func ok(_ subject: String, _ found: String) -> Finding {
        Finding(verdict: .ok, subject: subject, found: found)
    }

    static func warning(_ subject: String, _ found: String, _ advice: String) -> Finding {
        Finding(verdict: .warning, subject: subject, found: found, advice: advice)
    }

    static func problem(_ subject: String, _ found: String, _ advice: String) -> Finding {
        Finding(verdict: .problem, subject: subject, found: found, advice: advice)
    }
}
