/// One metric of `/metrics`: its name, its kind, its labels and what it tells.
///
/// Labels are bounded: the models, roles and domains there are, and words of this
/// program. No request, client, prompt or path of this machine is ever a label.
struct MetricFamily: Hashable, Sendable {
    /// How a metric may change, in the words of Prometheus.
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    let labels: [String]
    let help: String

    init(_ name: String, _ kind: Kind, _ labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }
}
