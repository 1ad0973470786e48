import CorralCache
import CorralMemory

/// Replays a workload on the cache's own state machine, with a clock that is only a number.
struct TimedReplay {
    private typealias Machine = CacheStateMachine<Int>

    private enum Event {
        case request(Int)
        case loadEnded(store: String, Machine.Residency)
        case leaseEnded(Machine.LeaseID)
        case alarm(CacheInstant)
    }

    private struct Load {
        var model: Int
        var residency: Machine.Residency
    }

    private let workload: Workload
    private let loadSeconds: [Double]
    private let positions: [ModelID: Int]
    private let patience: Duration?

    private var machine: Machine
    private var agenda = Agenda<Event>()
    private var time = 0.0
    /// The loads each store has to do; it does the first.
    private var loads: [String: [Load]] = [:]
    /// The leases of requests that wait.
    private var leases: [Int: Machine.LeaseID] = [:]
    private var resident: Int64 = 0
    private var result: SimulationResult

    init(
        workload: Workload,
        loadSeconds: [Double],
        budget: ByteCount,
        policy: SimulatedPolicy,
        patience: Double?,
        predicts: Bool
    ) {
        self.workload = workload
        self.loadSeconds = loadSeconds
        self.patience = patience.map { .seconds($0) }
        positions = Dictionary(
            workload.models.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var configuration = CacheConfiguration()
        configuration.policy = policy.policy(for: workload, loadSeconds: loadSeconds)
        configuration.maximumWait = self.patience
        configuration.prefetching = predicts ? .predicted : .off
        if let limit = policy.idleLimit { configuration.keepAlive = .idle(.seconds(limit)) }
        // Every request that waits counts, however long it has waited.
        configuration.queueLimit = workload.requests.count
        machine = Machine(budget: .host(budget), configuration: configuration)
        result = SimulationResult(policy: policy.name)
    }

    private var now: CacheInstant { CacheInstant(sinceStart: .seconds(time)) }

    mutating func run() -> SimulationResult {
        if let first = workload.requests.first { agenda.add(.request(0), at: first.time) }
        while let (time, event) = agenda.removeFirst() {
            self.time = max(self.time, time)
            switch event {
            case .request(let number): ask(number)
            case .loadEnded(let store, let residency): endLoad(from: store, residency)
            case .leaseEnded(let lease): obey(machine.leaseReleased(lease, now: now))
            case .alarm(let instant):
                obey(machine.alarmFired(instant, now: max(now, instant)))
            }
        }
        return result
    }

    private mutating func ask(_ number: Int) {
        if number + 1 < workload.requests.count {
            agenda.add(.request(number + 1), at: workload.requests[number + 1].time)
        }
        let request = workload.requests[number]
        let model = workload.models[request.model]
        result.requests += 1
        let (lease, admission, actions) = machine.leaseRequested(
            for: model.id,
            estimate: estimate(request.model),
            maximumWait: patience,
            now: now
        )
        obey(actions)
        switch admission {
        case .granted:
            result.hits += 1
            result.waits.append(0)
            agenda.add(.leaseEnded(lease), at: time + request.service)
        case .queued:
            leases[number] = lease
            obey(machine.leaseAwaited(lease, by: number))
        case .refused: result.refusals += 1
        }
    }

    private func estimate(_ position: Int) -> LoadEstimate {
        LoadEstimate(
            footprint: .host(workload.models[position].bytes),
            loadTime: .seconds(loadSeconds[position])
        )
    }

    private mutating func obey(_ actions: [Machine.Action]) {
        var open = actions[...]
        while let action = open.popFirst() {
            switch action {
            case .load(let model, let residency, _): enqueue(model, residency)
            case .cancelLoad(let model, let residency):
                open += abandon(model, residency)
            case .unload(let model, let residency):
                open += machine.unloadFinished(model, residency, now: now)
            case .resume(let number, let answer): resume(number, answer)
            case .wake(let instant):
                agenda.add(.alarm(instant), at: instant.sinceStart / .seconds(1))
            case .emit(let event): note(event)
            case .readAhead(let model): open += machine.readAheadFinished(model, now: now)
            case .plan(let model, let confidence): open += expect(model, confidence)
            case .measure, .finish, .cancelReadAhead: break
            }
        }
    }

    /// Says that a model is likely to be wanted within a minute, as the cache does to itself.
    private mutating func expect(_ model: ModelID, _ confidence: Double) -> [Machine.Action] {
        guard let position = positions[model] else { return [] }
        let (_, actions) = machine.modelHinted(
            model,
            estimate: estimate(position),
            confidence: confidence,
            expires: now.advanced(by: .seconds(60)),
            now: now
        )
        return actions
    }

    private mutating func resume(_ number: Int, _ answer: Result<Void, ModelCacheError>) {
        guard let lease = leases.removeValue(forKey: number) else { return }
        guard case .success = answer else {
            result.refusals += 1
            return
        }
        let request = workload.requests[number]
        result.waits.append(time - request.time)
        agenda.add(.leaseEnded(lease), at: time + request.service)
    }

    // MARK: Stores

    private mutating func enqueue(_ model: ModelID, _ residency: Machine.Residency) {
        guard let position = positions[model] else { return }
        let store = workload.models[position].store
        loads[store, default: []].append(Load(model: position, residency: residency))
        if loads[store]?.count == 1 { beginLoad(from: store) }
    }

    private mutating func beginLoad(from store: String) {
        guard let load = loads[store]?.first else { return }
        agenda.add(
            .loadEnded(store: store, load.residency),
            at: time + loadSeconds[load.model]
        )
    }

    private mutating func endLoad(from store: String, _ residency: Machine.Residency) {
        // A load that was abandoned ends too, but nobody waits for it any more.
        guard let load = loads[store]?.first, load.residency == residency else { return }
        loads[store]?.removeFirst()
        result.loads += 1
        result.loadSeconds += loadSeconds[load.model]
        let model = workload.models[load.model].id
        obey(machine.loadSucceeded(model, residency, measured: nil, now: now))
        beginLoad(from: store)
    }

    private mutating func abandon(
        _ model: ModelID,
        _ residency: Machine.Residency
    ) -> [Machine.Action] {
        guard let position = positions[model] else { return [] }
        let store = workload.models[position].store
        let wasFirst = loads[store]?.first?.residency == residency
        loads[store]?.removeAll { $0.residency == residency }
        if wasFirst { beginLoad(from: store) }
        record(.left, of: position, bytes: -workload.models[position].bytes.rawValue)
        return machine.loadFailed(model, residency, message: "abandoned", now: now)
    }

    // MARK: Record

    private mutating func note(_ event: CacheEvent) {
        guard let model = event.model, let position = positions[model] else { return }
        let bytes = workload.models[position].bytes.rawValue
        switch event.kind {
        case .loadStarted: record(.loaded, of: position, bytes: bytes)
        case .unloadStarted(.evicted):
            result.evictions += 1
            record(.evicted, of: position, bytes: -bytes)
        case .unloadStarted:
            result.expirations += 1
            record(.left, of: position, bytes: -bytes)
        default: break
        }
    }

    private mutating func record(_ kind: ResidencyChange.Kind, of position: Int, bytes: Int64) {
        resident += bytes
        result.changes.append(
            ResidencyChange(time: time, kind: kind, model: position, resident: resident)
        )
    }
}
