import CorralCache
import CorralMemory

/// A machine with a notebook: what it said, in order, and small words for events.
struct MachineHarness {
    typealias Machine = CacheStateMachine<Int>

    var machine: Machine
    var now = CacheInstant.start
    var loading: [ModelID: Machine.Residency] = [:]
    var unloading: [ModelID: Machine.Residency] = [:]
    var residencies: [ModelID: Machine.Residency] = [:]
    var answers: [Int: Result<Void, ModelCacheError>] = [:]
    var events: [CacheEvent] = []
    var alarms: [CacheInstant] = []
    var measured: [ModelID] = []
    var cancelled: [ModelID] = []
    var readingAhead: [ModelID] = []
    var predicted: [ModelID: Double] = [:]
    var hasFinished = false

    init(
        budget: Int64,
        keepAlive: KeepAlive = .untilEvicted,
        configure: (inout CacheConfiguration) -> Void = { _ in }
    ) {
        var configuration = CacheConfiguration()
        configuration.keepAlive = keepAlive
        // The rules hold for every policy; this one's victims can be told in advance.
        configuration.policy = LeastRecentlyUsed()
        configure(&configuration)
        machine = Machine(budget: .host(ByteCount(budget)), configuration: configuration)
    }

    mutating func obey(_ actions: [Machine.Action]) {
        for action in actions {
            switch action {
            case .load(let model, let residency, _):
                loading[model] = residency
                residencies[model] = residency
            case .cancelLoad(let model, _): cancelled.append(model)
            case .unload(let model, let residency): unloading[model] = residency
            case .measure(let model, _): measured.append(model)
            case .resume(let waiter, let result): answers[waiter] = result
            case .wake(let instant): alarms.append(instant)
            case .emit(let event): events.append(event)
            case .readAhead(let model): readingAhead.append(model)
            case .cancelReadAhead(let model): readingAhead.removeAll { $0 == model }
            case .plan(let model, let confidence): predicted[model] = confidence
            case .finish: hasFinished = true
            }
        }
        precondition(machine.brokenInvariant() == nil, machine.brokenInvariant() ?? "")
    }

    /// Asks for a lease and, if it is queued, waits under its own number.
    mutating func request(
        _ model: ModelID,
        bytes: Int64 = 1,
        shared: SharedPart? = nil,
        context: Int = 4096,
        minimumContext: Int = 0,
        keepAlive: KeepAlive? = nil,
        maximumWait: Duration? = nil,
        priority: RequestPriority = .interactive
    ) -> (lease: Int, admission: Machine.Admission) {
        let footprint = Footprint(
            exclusive: .host(ByteCount(bytes)),
            shared: shared.map { [$0] } ?? []
        )
        let (lease, admission, actions) = machine.leaseRequested(
            for: model,
            estimate: LoadEstimate(footprint: footprint, contextTokens: context),
            minimumContext: minimumContext,
            keepAlive: keepAlive,
            maximumWait: maximumWait,
            priority: priority,
            now: now
        )
        obey(actions)
        let id = Int(lease.rawValue)
        if admission == .queued { obey(machine.leaseAwaited(lease, by: id)) }
        return (id, admission)
    }

    /// Makes a model resident and idle.
    mutating func makeResident(
        _ model: ModelID,
        bytes: Int64 = 1,
        shared: SharedPart? = nil,
        loadSeconds: Int = 0
    ) {
        let lease = request(model, bytes: bytes, shared: shared).lease
        advance(by: loadSeconds)
        finishLoad(model)
        release(lease)
    }

    mutating func hint(
        _ model: ModelID,
        bytes: Int64 = 1,
        confidence: Double = 0.9,
        seconds: Int = 100
    ) -> HintOutcome {
        let (outcome, actions) = machine.modelHinted(
            model,
            estimate: LoadEstimate(footprint: .host(ByteCount(bytes)), contextTokens: 4096),
            confidence: confidence,
            expires: now.advanced(by: .seconds(seconds)),
            now: now
        )
        obey(actions)
        return outcome
    }

    mutating func finishReading(_ model: ModelID) {
        readingAhead.removeAll { $0 == model }
        obey(machine.readAheadFinished(model, now: now))
    }

    func forecast(
        _ model: ModelID,
        bytes: Int64 = 1,
        context: Int = 4096,
        minimumContext: Int = 0
    ) -> LoadForecast {
        machine.forecast(
            for: model,
            estimate: LoadEstimate(footprint: .host(ByteCount(bytes)), contextTokens: context),
            minimumContext: minimumContext,
            now: now
        )
    }

    var pressure: LoadPressure { machine.statistics(now: now).pressure }

    mutating func finishLoad(_ model: ModelID, measured: Int64? = nil) {
        guard let residency = loading.removeValue(forKey: model) else {
            preconditionFailure("\(model) is not loading")
        }
        let memory = measured.map { MeasuredMemory(exclusive: .host(ByteCount($0))) }
        obey(machine.loadSucceeded(model, residency, measured: memory, now: now))
    }

    mutating func failLoad(_ model: ModelID, _ message: String = "no") {
        guard let residency = loading.removeValue(forKey: model) else {
            preconditionFailure("\(model) is not loading")
        }
        obey(machine.loadFailed(model, residency, message: message, now: now))
    }

    mutating func finishUnload(_ model: ModelID) {
        guard let residency = unloading.removeValue(forKey: model) else {
            preconditionFailure("\(model) is not unloading")
        }
        obey(machine.unloadFinished(model, residency, now: now))
    }

    mutating func release(_ lease: Int) {
        obey(machine.leaseReleased(.init(rawValue: UInt64(lease)), now: now))
    }

    mutating func cancel(_ lease: Int) {
        obey(machine.leaseCancelled(.init(rawValue: UInt64(lease)), now: now))
    }

    mutating func crash(_ model: ModelID) {
        guard let residency = residencies[model] else {
            preconditionFailure("\(model) never lived")
        }
        obey(machine.engineExited(model, residency, message: "killed", now: now))
    }

    /// Moves time and fires the alarms that fall due on the way.
    mutating func advance(by seconds: Int) {
        let end = now.advanced(by: .seconds(seconds))
        while let next = alarms.filter({ $0 <= end }).min() {
            alarms.removeAll { $0 == next }
            now = max(now, next)
            obey(machine.alarmFired(next, now: now))
        }
        now = end
    }

    func state(of model: ModelID) -> CacheStatistics.Model.State? {
        machine.statistics(now: now).models.first { $0.id == model }?.state
    }

    func isGranted(_ lease: Int) -> Bool {
        if case .success? = answers[lease] { true } else { false }
    }

    func refusal(_ lease: Int) -> ModelCacheError? {
        if case .failure(let error)? = answers[lease] { error } else { nil }
    }

    var reserved: Int64 { machine.statistics(now: now).reserved[.host].rawValue }
}

extension CacheStateMachine.Admission {
    /// Why the request was refused at once; `nil` where it was not.
    var refusal: ModelCacheError? { if case .refused(let error) = self { error } else { nil } }
}

extension ModelID {
    static let chat = ModelID(path: "/models/a.gguf", role: .chat)
    static let embed = ModelID(path: "/models/b.gguf", role: .embed)
    static let rerank = ModelID(path: "/models/c.gguf", role: .rerank)
    static let chatAsEmbed = ModelID(path: "/models/a.gguf", role: .embed)
}
