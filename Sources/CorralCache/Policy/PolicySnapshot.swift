import CorralMemory

/// What an eviction policy has learned, to be kept over a restart.
///
/// It is about 1 KB for each model, encoded as JSON. Times are relative to when it was taken, for
/// a cache's clock starts anew with its process.
public struct PolicySnapshot: Hashable, Sendable, Codable {
    /// The name of the policy it is of.
    public internal(set) var policy: String

    /// One model's part.
    struct Model: Hashable, Sendable, Codable {
        var path: String
        var role: ModelRole
        var profile: String
        /// When it was used; instants and runs are negative, up to when the snapshot was taken.
        var history: UseHistory?
        var loads: LoadAverages?

        var id: ModelID { ModelID(path: path, role: role, profile: profile) }
    }

    var models: [Model] = []
    var predictor: NextUsePredictor
    var pooledGaps: GapHistogram
    var pooledRunGaps: GapHistogram
    var runRate: DecayedRate
    var loadRate: DecayedRate
    var loadedBytes: Double
    var countedRuns: Double
    var storages: [String: LoadAverages]
    var machine: LoadAverages
}

extension ValueDensity {
    /// The histories, the costs and the weights.
    public func snapshot(at now: CacheInstant) -> PolicySnapshot? {
        let time = now.seconds
        var snapshot = PolicySnapshot(
            policy: name,
            predictor: uses.predictor,
            pooledGaps: uses.pooledGaps,
            pooledRunGaps: uses.pooledRunGaps,
            runRate: uses.runRate.shifted(by: -time),
            loadRate: uses.loadRate.shifted(by: -time),
            loadedBytes: uses.loadedBytes,
            countedRuns: uses.countedRuns,
            storages: costs.storages,
            machine: costs.machine
        )
        let known = Set(uses.models).union(costs.models.keys).sorted()
        snapshot.models = known.map { model in
            var history = uses.history(of: model)
            history?.lastUse -= time
            history?.lastRun -= uses.runs
            return PolicySnapshot.Model(
                path: model.path,
                role: model.role,
                profile: model.profile,
                history: history,
                loads: costs.models[model]
            )
        }
        return snapshot
    }

    /// Goes on where the snapshot was taken; what is not sound in it is left out.
    public mutating func restore(
        _ snapshot: PolicySnapshot,
        at now: CacheInstant,
        elapsed: Duration
    ) {
        let shift = now.seconds - max(0, elapsed / .seconds(1))
        let budget = uses.budget
        uses = UseStatistics()
        costs = LoadCosts()
        uses.budget = budget
        if snapshot.predictor.isSound { uses.predictor = snapshot.predictor }
        uses.pooledGaps = snapshot.pooledGaps
        uses.pooledRunGaps = snapshot.pooledRunGaps
        uses.runRate = snapshot.runRate.shifted(by: shift)
        uses.loadRate = snapshot.loadRate.shifted(by: shift)
        uses.loadedBytes = max(0, snapshot.loadedBytes)
        uses.countedRuns = max(0, snapshot.countedRuns)
        costs.storages = snapshot.storages
        costs.machine = snapshot.machine
        for model in snapshot.models {
            if var history = model.history {
                history.lastUse = min(0, history.lastUse) + shift
                history.lastRun = min(0, history.lastRun)
                uses.restore(history, of: model.id)
            }
            if let loads = model.loads { costs.restore(loads, of: model.id) }
        }
    }
}

extension CacheInstant {
    /// The time since the cache was created, in seconds.
    var seconds: Double { sinceStart / .seconds(1) }
}
