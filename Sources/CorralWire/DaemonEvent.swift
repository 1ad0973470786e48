/// One event of `/corral/v1/events` and of the dashboard's feed.
///
/// Each kind of event has some of the members; docs/observability.md lists which.
package struct DaemonEvent: Codable, Hashable, Sendable {
    /// What happened, such as `load_started`.
    package var event: String
    /// When, in seconds since the daemon began.
    package var timeSeconds: Double
    /// The model it happened to, its role and its profile.
    package var model: String?
    package var role: String?
    package var profile: String?
    /// Whether a lease was granted without a wait.
    package var hit: Bool?
    package var waitedSeconds: Double?
    package var heldSeconds: Double?
    /// The requests that wait for a model.
    package var waiting: Int?
    /// What kind of refusal it was, and its sentence.
    package var code: String?
    package var message: String?
    package var retryAfterSeconds: Double?
    package var planned: FootprintValue?
    package var tookSeconds: Double?
    /// Null where a load has ended and the model could not be measured.
    package var measured: OrNull<MeasuredValue>?
    package var aboveBudget: DomainCounts?
    /// The leases that ended with the model.
    package var leases: Int?
    /// Why a model leaves: `space`, `pressure`, `idle`, `request`, `context`, `shutdown`.
    package var reason: String?
    /// The model that needs its memory.
    package var `for`: NamedModel?
    package var because: String?
    package var returned: DomainCounts?
    package var pinned: Bool?
    package var limit: DomainCounts?
    package var confidence: Double?
    package var pressure: DaemonStatus.Pressure?

    package init(_ event: String, timeSeconds: Double, model: NamedModel? = nil) {
        self.event = event
        self.timeSeconds = timeSeconds
        (self.model, role, profile) = (model?.model, model?.role, model?.profile)
    }
}
