import CorralMemory
import Synchronization

/// The work that takes time, each in a child task of `run`.
extension CacheDriver {
    typealias Machine = CacheCore.Machine

    func carryOut(_ action: Machine.Action) async {
        switch action {
        case .load(let model, let residency, _): await load(model, residency)
        case .unload(let model, let residency): await unload(model, residency)
        case .measure(let model, let residency): await measure(model, residency)
        case .cancelLoad(_, let residency):
            core.state.withLock { $0.cancellations[residency] }?.finish()
        case .wake(let instant): await wake(at: instant)
        case .readAhead(let model): await readAhead(model)
        case .cancelReadAhead(let model):
            core.state.withLock { $0.readAheads[model] }?.finish()
        case .plan(let model, let confidence):
            _ = await hint(model, confidence: confidence, within: .seconds(60))
        case .resume, .emit, .finish: break
        }
    }

    private func load(_ model: ModelID, _ residency: Machine.Residency) async {
        let (cancelled, cancellation) = AsyncStream<Never>.makeStream()
        let (kept, isUnwanted) = core.state.withLock { state in
            state.cancellations[residency] = cancellation
            return (
                state.loads.removeValue(forKey: residency),
                state.machine.isCancelled(model, residency)
            )
        }
        guard let plan = kept as? Engine.Plan else { preconditionFailure("a load without a plan") }
        if isUnwanted { cancellation.finish() }
        let storage = await readingFiles { await self.engine.storage(of: model) }
        let outcome = await abandonable(by: cancelled) {
            try await self.engine.load(model, plan: plan, events: self.events(of: model, residency))
        }
        switch outcome {
        case .success(let loaded):
            let measured = await readingFiles { await self.engine.measure(loaded) }
            // Read after the model took its memory, which counts as the model's from now on.
            await host.refresh()
            core.update { state, now in
                state.cancellations[residency] = nil
                let actions = state.machine.loadSucceeded(
                    model,
                    residency,
                    measured: measured,
                    storage: storage,
                    now: now
                )
                if state.machine.holds(model, residency) {
                    state.residents[model] = CacheCore.Resident(
                        residency: residency,
                        model: loaded
                    )
                }
                return actions
            }
        case .failure(let error):
            await host.refresh()
            core.update { state, now in
                state.cancellations[residency] = nil
                return state.machine.loadFailed(model, residency, message: "\(error)", now: now)
            }
        }
    }

    /// Runs `operation` until it ends; cancels it when `signal` ends first.
    private func abandonable<Value: Sendable>(
        by signal: AsyncStream<Never>,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async -> Result<Value, any Error> {
        await withTaskGroup(of: Result<Value, any Error>?.self) { group in
            group.addTask {
                do {
                    return .success(try await operation())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await _ in signal {}
                return nil
            }
            while let outcome = await group.next() {
                // The first `nil` is the signal: what was begun is waited for.
                group.cancelAll()
                if let outcome { return outcome }
            }
            return .failure(CancellationError())
        }
    }

    private func readAhead(_ model: ModelID) async {
        let (cancelled, cancellation) = AsyncStream<Never>.makeStream()
        let (kept, isUnwanted) = core.state.withLock { state in
            state.readAheads[model] = cancellation
            return (state.hinted[model], !state.machine.isReadingAhead(model))
        }
        if isUnwanted { cancellation.finish() }
        if let plan = kept as? Engine.Plan {
            _ = await abandonable(by: cancelled) {
                await self.readingFiles { await self.engine.readAhead(model, plan: plan) }
            }
        }
        core.update { state, now in
            state.readAheads[model] = nil
            return state.machine.readAheadFinished(model, now: now)
        }
    }

    private func events(of model: ModelID, _ residency: Machine.Residency) -> EngineEvents {
        EngineEvents(
            progress: { [weak core] fraction in
                core?.state.withLock { $0.machine.loadProgressed(model, residency, to: fraction) }
            },
            exited: { [weak self] message in
                self?.exited(model, residency, message)
            }
        )
    }

    private func exited(_ model: ModelID, _ residency: Machine.Residency, _ message: String) {
        core.update { state, now in
            let actions = state.machine.engineExited(model, residency, message: message, now: now)
            if state.resident(model, in: residency) != nil,
                !state.machine.holds(model, residency)
            {
                state.residents[model] = nil
            }
            return actions
        }
        host.begin()
    }

    private func unload(_ model: ModelID, _ residency: Machine.Residency) async {
        let resident = core.state.withLock { state in
            let resident = state.resident(model, in: residency)
            if resident != nil { state.residents[model] = nil }
            return resident
        }
        if let resident { await engine.unload(typed(resident.model)) }
        // Read after the memory was given back, and before it counts as free.
        await host.refresh()
        core.perform { machine, now in machine.unloadFinished(model, residency, now: now) }
    }

    private func measure(_ model: ModelID, _ residency: Machine.Residency) async {
        guard let resident = core.state.withLock({ $0.resident(model, in: residency) })
        else { return }
        let loaded = typed(resident.model)
        guard let measured = await readingFiles({ await self.engine.measure(loaded) }) else {
            return
        }
        core.perform { machine, now in machine.measured(model, residency, measured, now: now) }
    }

    /// Sleeps until an alarm is due, or until another takes its place: one sleeps at a time.
    private func wake(at instant: CacheInstant) async {
        let (isReplaced, replacement) = AsyncStream<Never>.makeStream()
        let (isCurrent, earlier) = core.state.withLock { state in
            // Alarms are carried out in any order; what was replaced already need not begin.
            guard state.machine.alarm == instant else {
                return (false, AsyncStream<Never>.Continuation?.none)
            }
            defer { state.alarm = replacement }
            return (true, state.alarm)
        }
        earlier?.finish()
        guard isCurrent else { return }
        let timeline = core.timeline
        let slept = await abandonable(by: isReplaced) { try await timeline.sleep(until: instant) }
        guard case .success = slept, core.read({ machine, _ in machine.alarm == instant }) else {
            return
        }
        await refresh()
        core.perform { machine, now in machine.alarmFired(instant, now: now) }
    }
}
