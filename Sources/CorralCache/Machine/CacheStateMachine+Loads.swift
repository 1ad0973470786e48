import CorralMemory

/// What the engine reports: loads, measurements, exits, unloads.
extension CacheStateMachine {
    /// Notes which fraction of a load is done.
    package mutating func loadProgressed(
        _ model: ModelID,
        _ residency: Residency,
        to fraction: Double
    ) {
        guard slots[model]?.residency == residency,
            case .loading(let progress, let isCancelled)? = slots[model]?.state
        else { return }
        let clamped = fraction.isFinite ? min(max(fraction, progress), 1) : progress
        slots[model]?.state = .loading(progress: clamped, isCancelled: isCancelled)
    }

    /// Notes what computing the models' conversations again would cost, in seconds.
    mutating func conversationsChanged(_ seconds: [(ModelID, Double)]) {
        for (model, seconds) in seconds { slots[model]?.conversationSeconds = max(0, seconds) }
    }

    /// Notes that a load ended well, and what the model was found to hold.
    package mutating func loadSucceeded(
        _ model: ModelID,
        _ residency: Residency,
        measured: MeasuredMemory?,
        storage: ModelStorage = ModelStorage(),
        now: CacheInstant
    ) -> [Action] {
        guard var slot = slots[model], slot.residency == residency,
            case .loading(_, let isCancelled) = slot.state
        else { preconditionFailure("a load succeeded that was not under way") }
        if let message = slot.exitMessage {
            return loadFailed(model, residency, message: message, now: now)
        }
        let took = now.duration(since: slot.since)
        slot.state = .resident
        slot.since = now
        slot.lastUsed = now
        slot.loadTime = took
        slots[model] = slot
        storages[model] = storage
        records[model, default: ModelRecord()].loads += 1
        records[model, default: ModelRecord()].loadTime += took
        let load = LoadObservation(
            bytes: slot.estimate.footprint.total.total,
            seconds: took / .seconds(1),
            isCached: storage.isCached,
            storage: storage.name
        )
        costs.observe(load, of: model)
        policy.modelLoaded(model, load, at: now)
        let gigabytes = Double(load.bytes.rawValue) / 1e9
        let reload = reloadSeconds(of: model, slot.estimate)
        slots[model]?.reloadSecondsPerGB = reload / max(gigabytes, 1e-3)
        var actions: [Action] = [
            .emit(
                CacheEvent(
                    time: now,
                    model: model,
                    kind: .loadFinished(took: took, measured: measured)
                )
            )
        ]
        if isCancelled, !isAwaited(model) {
            actions += beginLeaving(model, because: .requested, now: now)
        }
        if let measured { actions += record(measured, of: model, now: now) }
        // Those who waited for it come first, so that what follows cannot evict it.
        return actions + serveQueue(now: now) + evictExcess(now: now)
    }

    /// Notes that a load failed or was abandoned; its memory is free.
    package mutating func loadFailed(
        _ model: ModelID,
        _ residency: Residency,
        message: String,
        now: CacheInstant
    ) -> [Action] {
        guard let slot = slots[model], slot.residency == residency,
            case .loading(_, let isCancelled) = slot.state
        else { preconditionFailure("a load failed that was not under way") }
        remove(model)
        guard !isCancelled else { return serveQueue(now: now) }
        hints.removeAll { $0.model == model }
        let failure = noteFailure(of: model, message: message, isCrash: false, now: now)
        records[model, default: ModelRecord()].loadFailures += 1
        let retryAfter = failure.until.duration(since: now)
        let event = CacheEvent(
            time: now,
            model: model,
            kind: .loadFailed(message: message, retryAfter: retryAfter)
        )
        let waiting = queue.filter { requests[$0]?.model == model }
        queue.removeAll { requests[$0]?.model == model }
        let error = loadFailedError(model, failure, now: now)
        return [.emit(event)] + fail(waiting, with: error, now: now) + serveQueue(now: now)
    }

    /// Notes what a resident model was found to hold.
    package mutating func measured(
        _ model: ModelID,
        _ residency: Residency,
        _ measured: MeasuredMemory,
        now: CacheInstant
    ) -> [Action] {
        guard let slot = slots[model], slot.residency == residency, slot.state == .resident
        else { return [] }
        return record(measured, of: model, now: now) + evictExcess(now: now)
            + serveQueue(now: now)
    }

    /// Notes that a resident model ended by itself; its memory is free.
    package mutating func engineExited(
        _ model: ModelID,
        _ residency: Residency,
        message: String,
        now: CacheInstant
    ) -> [Action] {
        guard let slot = slots[model], slot.residency == residency else { return [] }
        // While it loads or unloads, the engine's answer to that says the rest.
        if slot.isLoading { slots[model]?.exitMessage = message }
        guard slot.state == .resident else { return [] }
        // What it held is free, though the host's memory was read before that.
        if let available = hostAvailable { hostAvailable = available + held(by: slot) }
        remove(model)
        _ = noteFailure(of: model, message: message, isCrash: true, now: now)
        records[model, default: ModelRecord()].exits += 1
        let event = CacheEvent(
            time: now,
            model: model,
            kind: .exited(message: message, leases: slot.leases)
        )
        return [.emit(event)] + serveQueue(now: now)
    }

    /// Notes that an unload has finished: only now is the memory free.
    package mutating func unloadFinished(
        _ model: ModelID,
        _ residency: Residency,
        now: CacheInstant
    ) -> [Action] {
        guard let slot = slots[model], slot.residency == residency, slot.state == .unloading
        else { preconditionFailure("an unload finished that was not under way") }
        let before = ledger.reserved
        remove(model)
        let event = CacheEvent(
            time: now,
            model: model,
            kind: .unloadFinished(returned: before - ledger.reserved)
        )
        return [.emit(event)] + serveQueue(now: now)
    }

    /// Raises a reservation to what was measured; never lowers it below the plan,
    /// for a model touches more of its memory as it works.
    private mutating func record(
        _ measured: MeasuredMemory,
        of model: ModelID,
        now: CacheInstant
    ) -> [Action] {
        slots[model]?.measured = measured
        guard let slot = slots[model] else { return [] }
        var footprint = slot.estimate.footprint
        footprint.exclusive = footprint.exclusive.union(measured.exclusive)
        ledger.reserve(footprint, for: model)
        let excess = ledger.reserved.excess(over: budget)
        let event = CacheEvent(
            time: now,
            model: model,
            kind: .measured(measured, aboveBudget: excess)
        )
        return [.emit(event)]
    }

    private mutating func remove(_ model: ModelID) {
        records[model] = record(of: model)
        slots[model] = nil
        ledger.release(model)
    }

    /// A first crash is forgiven at once; a failed load, and every crash in a row
    /// after the first, cools the model down, twice as long each time.
    private mutating func noteFailure(
        of model: ModelID,
        message: String,
        isCrash: Bool,
        now: CacheInstant
    ) -> Failure {
        let count = (failures[model]?.count ?? 0) + 1
        let doublings = min(count - (isCrash ? 2 : 1), 30)
        let pause: Duration =
            doublings < 0
            ? .zero : min(configuration.coolDown * (1 << doublings), configuration.longestCoolDown)
        let failure = Failure(count: count, until: now.advanced(by: pause), message: message)
        failures[model] = failure
        return failure
    }

    func loadFailedError(_ model: ModelID, _ failure: Failure, now: CacheInstant) -> ModelCacheError
    {
        ModelCacheError(
            .loadFailed,
            model: model,
            message: failure.message,
            retryAfter: max(failure.until.duration(since: now), .zero)
        )
    }

    func isAwaited(_ model: ModelID) -> Bool {
        queue.contains { requests[$0]?.model == model }
    }

    /// Whether somebody waits for a model with more context than this.
    func isAwaited(_ model: ModelID, withMoreThan contextTokens: Int) -> Bool {
        queue.contains { id in
            requests[id].map { $0.model == model && $0.minimumContext > contextTokens } ?? false
        }
    }
}
