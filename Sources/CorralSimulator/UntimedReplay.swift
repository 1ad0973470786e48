import CorralCache
import CorralMemory

/// Replays a workload in which loads take no time but cost their seconds.
///
/// Every request is served at once: what is missing is loaded, what is in the way is evicted. It
/// shows the policy alone, without disks and queues.
struct UntimedReplay {
    private struct Resident {
        var lastUsed: CacheInstant
        var since: CacheInstant
    }

    private let workload: Workload
    private let loadSeconds: [Double]
    private let limit: DomainBytes
    private let idleLimit: Double?
    private var policy: any EvictionPolicy
    private var residents: [Int: Resident] = [:]
    private var ledger = Ledger<ModelID>()
    private var result: SimulationResult

    init(
        workload: Workload,
        loadSeconds: [Double],
        budget: ByteCount,
        policy: SimulatedPolicy
    ) {
        self.workload = workload
        self.loadSeconds = loadSeconds
        limit = .host(budget)
        idleLimit = policy.idleLimit
        self.policy = policy.policy(for: workload, loadSeconds: loadSeconds)
        self.policy.budgetSet(to: limit)
        result = SimulationResult(policy: policy.name)
    }

    mutating func run() -> SimulationResult {
        for request in workload.requests { serve(request) }
        return result
    }

    private mutating func serve(_ request: Workload.Request) {
        let now = CacheInstant(sinceStart: .seconds(request.time))
        if let idleLimit { expire(idleFor: idleLimit, at: now, time: request.time) }
        let model = workload.models[request.model]
        policy.modelRequested(model.id, priority: .interactive, at: now)
        result.requests += 1
        if residents[request.model] != nil {
            result.hits += 1
            result.waits.append(0)
            residents[request.model]?.lastUsed = now
            return
        }
        makeRoom(for: model, at: now, time: request.time)
        let seconds = loadSeconds[request.model]
        residents[request.model] = Resident(lastUsed: now, since: now)
        ledger.reserve(.host(model.bytes), for: model.id)
        note(.loaded, of: request.model, at: request.time)
        result.loads += 1
        result.loadSeconds += seconds
        result.waits.append(seconds)
        policy.modelLoaded(
            model.id,
            LoadObservation(bytes: model.bytes, seconds: seconds, storage: model.store),
            at: now
        )
    }

    private mutating func expire(idleFor limit: Double, at now: CacheInstant, time: Double) {
        let expired = residents.filter {
            now.duration(since: $0.value.lastUsed) > .seconds(limit)
        }
        for position in expired.keys.sorted() {
            remove(position)
            note(.left, of: position, at: time)
            result.expirations += 1
        }
    }

    private mutating func makeRoom(for model: Workload.Model, at now: CacheInstant, time: Double) {
        guard !(ledger.reserved + .host(model.bytes)).fits(in: limit) else { return }
        var positions: [ModelID: Int] = [:]
        let candidates = residents.map { position, resident in
            let other = workload.models[position]
            positions[other.id] = position
            return EvictionCandidate(
                model: other.id,
                lastUsed: resident.lastUsed,
                residentSince: resident.since,
                storage: other.store
            )
        }
        let need = EvictionNeed(
            candidates: candidates.sorted { $0.model < $1.model },
            incoming: .host(model.bytes),
            ledger: ledger,
            limit: limit
        )
        for victim in policy.victims(for: need, at: now) {
            guard let position = positions[victim.model] else { continue }
            remove(position)
            note(.evicted, of: position, at: time)
            result.evictions += 1
        }
    }

    private mutating func remove(_ position: Int) {
        residents[position] = nil
        ledger.release(workload.models[position].id)
    }

    private mutating func note(_ kind: ResidencyChange.Kind, of position: Int, at time: Double) {
        result.changes.append(
            ResidencyChange(
                time: time,
                kind: kind,
                model: position,
                resident: ledger.reserved[.host].rawValue
            )
        )
    }
}
