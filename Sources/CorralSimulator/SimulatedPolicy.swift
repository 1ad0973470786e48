import CorralCache

/// A policy as it is named for a simulation.
///
/// Any policy of the cache; `offline`, which knows the future; and either with an idle limit,
/// such as `lru-ttl300`, which unloads a model after 300 idle seconds.
package struct SimulatedPolicy: Hashable, Sendable {
    /// The name, limit included.
    package let name: String
    /// After how many idle seconds a model leaves, if ever.
    package let idleLimit: Double?
    private let base: String

    /// The names that can be used, besides idle limits.
    package static let names = EvictionPolicies.names + ["offline"]

    /// Finds a policy by its name.
    ///
    /// - Throws: ``SimulationError/Code/unknownPolicy`` for a name that means nothing.
    package init(named name: String) throws(SimulationError) {
        let parts = name.split(separator: "-ttl", maxSplits: 1, omittingEmptySubsequences: false)
        base = String(parts[0])
        self.name = name
        let limit = parts.count > 1 ? Double(parts[1]) : nil
        idleLimit = limit
        let hasLimit = parts.count < 2 || limit.map { $0.isFinite && $0 >= 0 } == true
        guard hasLimit, Self.names.contains(base) else {
            let known = Self.names.joined(separator: ", ")
            throw SimulationError(
                .unknownPolicy,
                """
                There is no policy “\(name)”; use one of \(known), or one of them with an idle \
                limit in seconds, such as lru-ttl300.
                """
            )
        }
    }

    /// The policy itself, new.
    func policy(for workload: Workload, loadSeconds: [Double]) -> any EvictionPolicy {
        guard let policy = try? EvictionPolicies.named(base) else {
            return OfflineGreedy(workload: workload, loadSeconds: loadSeconds)
        }
        return policy
    }
}
