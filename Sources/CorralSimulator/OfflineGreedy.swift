import CorralCache

/// Evicts by load seconds per byte and per request until the next use, which it knows.
///
/// No policy that does not know the future can be as good for long; what it needs is the yardstick.
struct OfflineGreedy: EvictionPolicy {
    private let times: [Double]
    /// Of each model, the positions of its requests.
    private let positions: [ModelID: [Int]]
    private let loadSeconds: [ModelID: Double]
    /// Of each model, how many of its requests are over.
    private var done: [ModelID: Int] = [:]
    private var position = 0

    init(workload: Workload, loadSeconds: [Double]) {
        times = workload.requests.map(\.time)
        var positions: [ModelID: [Int]] = [:]
        for (position, request) in workload.requests.enumerated() {
            positions[workload.models[request.model].id, default: []].append(position)
        }
        self.positions = positions
        self.loadSeconds = Dictionary(
            zip(workload.models.map(\.id), loadSeconds),
            uniquingKeysWith: { first, _ in first }
        )
    }

    var name: String { "offline" }

    mutating func modelRequested(
        _ model: ModelID,
        priority: RequestPriority,
        at now: CacheInstant
    ) {
        guard let own = positions[model] else { return }
        let next = next(of: model, at: now)
        if next < own.count {
            position = max(position, own[next])
            done[model] = next + 1
        }
    }

    /// Which of the model's requests comes next; those that were refused are over too.
    private func next(of model: ModelID, at now: CacheInstant) -> Int {
        let own = positions[model] ?? []
        var next = done[model] ?? 0
        while next < own.count, times[own[next]] < now.sinceStart / .seconds(1) - 1e-6 { next += 1 }
        return next
    }

    func victims(for need: EvictionNeed, at now: CacheInstant) -> [EvictionVictim] {
        let choice = VictimChoice(need, certainShare: 0)
        guard !choice.isSatisfied else { return [] }
        let worths = need.candidates.map { candidate in
            let own = positions[candidate.model] ?? []
            let next = next(of: candidate.model, at: now)
            let distance = next < own.count ? Double(max(1, own[next] - position)) : .infinity
            return (loadSeconds[candidate.model] ?? 0) / distance
        }
        return choice.cheapest(worths: worths).map {
            EvictionVictim(
                model: need.candidates[$0].model,
                reason: "used again latest for its cost"
            )
        }
    }
}
