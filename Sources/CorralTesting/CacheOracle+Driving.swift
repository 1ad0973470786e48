import CorralCache
import CorralMemory

/// Drawing events.
extension CacheOracle {
    mutating func takeRandomStep() throws {
        step += 1
        switch Int.random(in: 0..<31, using: &random) {
        case 0...5: try request()
        case 6...9: try suspendOne()
        case 10: try cancelOne()
        case 11...14: try releaseOne()
        case 15...17: try finishLoad(mayFail: true)
        case 18...19: try finishUnload()
        case 20: try exitOne()
        case 21: try changePin()
        case 22: try changeHost()
        case 23: try requestEviction()
        case 24...26: try hint()
        case 27: try finishReading()
        default: try advance(by: .seconds(Int.random(in: 0...15, using: &random)))
        }
    }

    private mutating func pick<Key: Comparable>(_ keys: some Collection<Key>) -> Key? {
        keys.sorted().randomElement(using: &random)
    }

    private mutating func request() throws {
        guard let model = models.randomElement(using: &random) else { return }
        let needed = [0, 0, 0, 0, 0, 4, 8, 16].randomElement(using: &random) ?? 0
        let contextTokens = max(Self.contextStep, needed)
        var footprint = footprint(
            of: model,
            contextTokens: fault == .ignoresGrowth ? Self.contextStep : contextTokens
        )
        if fault == .underestimates { footprint.exclusive = .zero }
        let estimate = LoadEstimate(footprint: footprint, contextTokens: contextTokens)
        let keepAlive = Int.random(in: 0..<10, using: &random) == 0 ? KeepAlive.idle(.zero) : nil
        let isBatch = Int.random(in: 0..<3, using: &random) == 0
        let asked = fault == .ignoresContext ? 0 : needed
        let isHit = canServe(model, needed)
        let queued = unsettledCount
        summary.requests += 1
        let forecast = foretell(model, estimate, asked)
        let (lease, admission, decided) = machine.leaseRequested(
            for: model,
            estimate: estimate,
            minimumContext: asked,
            keepAlive: keepAlive,
            priority: isBatch && fault != .ignoresPriority ? .batch : .interactive,
            now: now
        )
        let id = Int(lease.rawValue)
        world.ranks[id] = now.advanced(by: isBatch ? batchHandicap : .zero)
        world.needs[id] = needed
        try check(forecast, of: model, against: admission)
        var actions = decided
        switch admission {
        case .granted:
            guard isHit else { throw complain("granted \(model), which is not resident") }
            try hold(id, model)
        case .queued:
            if isHit { throw complain("a hit of \(model) had to wait (law 6)") }
            if queued >= queueLimit { throw complain("\(queued + 1) wait (law 7)") }
            world.requested[id] = model
            world.models[model]?.isPrefetch = false
        case .refused(let error):
            if isHit { throw complain("a hit of \(model) was refused: \(error)") }
            summary.refusals += 1
            if let resident = world.models[model], resident.stage == .resident,
                !isLeased(resident), plant(.reloadsInfeasibly)
            {
                actions += [
                    .emit(
                        CacheEvent(
                            time: now,
                            model: model,
                            kind: .unloadStarted(.reloadedWithMoreContext)
                        )
                    ),
                    .unload(model, resident.residency),
                ]
            }
            if !actions.allSatisfy({ if case .emit = $0 { true } else { false } }) {
                throw complain("a refused request had effects (law 5)")
            }
        }
        try obey(actions)
    }

    mutating func suspendOne() throws {
        guard let id = pick(world.requested.keys),
            let model = world.requested.removeValue(forKey: id)
        else { return }
        world.waiting[id] = model
        try obey(machine.leaseAwaited(.init(rawValue: UInt64(id)), by: id))
    }

    private mutating func cancelOne() throws {
        let ids = Array(world.requested.keys) + Array(world.waiting.keys) + Array(world.held.keys)
        guard let id = pick(ids) else { return }
        let model = world.requested[id] ?? world.waiting[id]
        if world.held[id] == nil, !machineSettled(id) {
            world.cancelledEarly.insert(id)
            summary.cancellations += 1
        }
        try obey(machine.leaseCancelled(.init(rawValue: UInt64(id)), now: now))
        guard let model, world.models[model]?.stage == .loading else { return }
        let isWanted = (world.waiting.merging(world.requested) { first, _ in first })
            .contains { $0.value == model && !world.cancelledEarly.contains($0.key) }
        // What is loaded for a hint is not there for whoever waited.
        if !isWanted, let loading = world.models[model], !loading.isPrefetch, !loading.cancelled {
            throw complain("goes on loading \(model), which nobody wants (law 3)")
        }
    }

    mutating func releaseOne() throws {
        guard let id = pick(world.held.keys) else { return }
        if let lease = world.held.removeValue(forKey: id), let residency = lease.residency,
            world.models[lease.model]?.residency == residency
        {
            world.models[lease.model]?.lastUsed = now
        }
        if plant(.losesRelease) { return }
        try obey(machine.leaseReleased(.init(rawValue: UInt64(id)), now: now))
    }

    mutating func finishLoad(mayFail: Bool) throws {
        guard let model = pick(world.models.filter { $0.value.stage == .loading }.keys),
            let loading = world.models[model]
        else { return }
        if mayFail, loading.cancelled || Int.random(in: 0..<8, using: &random) == 0 {
            world.models[model] = nil
            try obey(machine.loadFailed(model, loading.residency, message: "drawn", now: now))
            return
        }
        var measured: MeasuredMemory?
        if mayFail, Int.random(in: 0..<6, using: &random) == 0 {
            let above = ByteCount(Int64.random(in: -1...2, using: &random))
            measured = MeasuredMemory(
                exclusive: footprint(of: model, contextTokens: loading.contextTokens).exclusive
                    + .host(above)
            )
        }
        if loading.hasExited {
            world.models[model] = nil
        } else {
            world.models[model]?.stage = .resident
            world.models[model]?.endedAt = now
            world.models[model]?.lastUsed = now
            world.models[model]?.measured = measured?.exclusive
        }
        try obey(machine.loadSucceeded(model, loading.residency, measured: measured, now: now))
    }

    mutating func finishUnload() throws {
        guard let model = pick(world.models.filter { $0.value.stage == .unloading }.keys),
            let residency = world.models.removeValue(forKey: model)?.residency
        else { return }
        if returnedEarly.remove(residency) != nil { return }
        try obey(machine.unloadFinished(model, residency, now: now))
    }

    private mutating func exitOne() throws {
        guard let model = pick(world.models.keys), let resident = world.models[model] else {
            return
        }
        // A loading model's end is told by its load, an unloading one's by its unload.
        if resident.stage == .resident {
            world.models[model] = nil
            for (id, lease) in world.held where lease.residency == resident.residency {
                world.held[id]?.residency = nil
            }
            summary.exits += 1
        }
        if resident.stage == .loading { world.models[model]?.hasExited = true }
        try obey(machine.engineExited(model, resident.residency, message: "drawn", now: now))
        let stale = Machine.Residency(rawValue: resident.residency.rawValue &+ 1_000_000)
        try obey(machine.engineExited(model, stale, message: "stale", now: now))
    }

    private mutating func changePin() throws {
        guard let model = models.randomElement(using: &random) else { return }
        let isPinned = !world.pins.contains(model) && world.pins.count < 2
        if isPinned { world.pins.insert(model) } else { world.pins.remove(model) }
        if fault == .ignoresPin { return }
        try obey(machine.pinChanged(model, to: isPinned, now: now))
    }

    private mutating func hint() throws {
        guard let model = models.randomElement(using: &random) else { return }
        let footprint = footprint(of: model, contextTokens: Self.contextStep)
        let confidence = Double.random(in: 0.1...1, using: &random)
        let lasts = Duration.seconds(Int.random(in: 5...60, using: &random))
        summary.hints += 1
        let (outcome, actions) = machine.modelHinted(
            model,
            estimate: LoadEstimate(footprint: footprint, contextTokens: Self.contextStep),
            confidence: confidence,
            expires: now.advanced(by: lasts),
            now: now
        )
        switch outcome.result {
        case .declined:
            var actions = actions
            let resident = world.models.filter {
                $0.value.stage == .resident && !isLeased($0.value)
            }
            if let victim = resident.min(by: { $0.key < $1.key }), plant(.obeysDeclinedHint) {
                actions.append(.unload(victim.key, victim.value.residency))
            }
            if !actions.isEmpty { throw complain("a declined hint had effects") }
        case .resident:
            let stage = world.models[model]?.stage
            if stage == nil || stage == .unloading {
                throw complain("\(model) is said to be in memory")
            }
            if world.models[model]?.isPrefetch == true {
                world.hinted[model] = max(world.hinted[model] ?? now, now.advanced(by: lasts))
            }
        case .loading, .reading, .pending:
            world.hinted[model] = max(world.hinted[model] ?? now, now.advanced(by: lasts))
        }
        try obey(actions)
    }

    mutating func finishReading() throws {
        guard let model = pick(world.reading.keys) else { return }
        world.reading[model] = nil
        try obey(machine.readAheadFinished(model, now: now))
    }

    private mutating func changeHost() throws {
        var available = DomainBytes.host(ByteCount(Int64.random(in: 2...20, using: &random)))
        available[.gpu(0)] = ByteCount(Int64.random(in: 0...8, using: &random))
        let pressure =
            Bool.random(using: &random) ? Double.random(in: 0...0.3, using: &random) : nil
        try obey(machine.hostMemoryChanged(available: available, pressure: pressure, now: now))
    }

    private mutating func requestEviction() throws {
        guard let model = models.randomElement(using: &random) else { return }
        let scope: Machine.EvictionScope =
            Bool.random(using: &random) ? .idle(atLeast: .seconds(10)) : .matching { $0 == model }
        try obey(machine.evictionRequested(scope, now: now).1)
    }

    mutating func advance(by duration: Duration) throws {
        now = now.advanced(by: duration)
        // Alarms that were replaced fire too; the machine has to ignore them.
        let due = world.alarms.filter { $0 <= now }.sorted()
        world.alarms.removeAll { $0 <= now }
        for alarm in due { try obey(machine.alarmFired(alarm, now: now)) }
    }
}
