/// What `corral doctor` found in one place.
struct Finding: Encodable, Hashable, Sendable {
    /// How it is.
    enum Verdict: String, Encodable, Sendable {
        /// As it should be.
        case ok
        /// It works, but not as well as it could.
        case warning
        /// It does not work.
        case problem
    }

    /// How it is.
    var verdict: Verdict
    /// Where was looked.
    var subject: String
    /// What is there.
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
