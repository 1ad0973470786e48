import CorralMemory
import Synchronization

/// The work that takes time, each in a child task of `run`.
extension CacheCore {
    func work(on action: Machine.Action) async {
        switch action {
        case .load(let model, let residency, _): await load(model, residency)
        case .unload(let model, let residency): await unload(model, residency)
        case .measure(let model, let residency): await measure(model, residency)
        case .cancelLoad(let model, _):
            state.withLock { $0.cancellations[model] }?.finish()
        case .wake(let instant): await wake(at: instant)
        case .resume, .emit, .finish: break
        }
    }

    private func load(_ model: ModelID, _ residency: Machine.Residency) async {
        let (cancelled, cancellation) = AsyncStream<Never>.makeStream()
        let (plan, isUnwanted) = state.withLock { state in
            state.cancellations[model] = cancellation
            return (
                state.loads.removeValue(forKey: residency),
                state.machine.isCancelled(model, residency)
            )
        }
        guard let plan else { preconditionFailure("a load without a plan") }
        if isUnwanted { cancellation.finish() }
        do {
            let loaded = try await abandonable(by: cancelled) {
                try await self.engine.load(
                    model,
                    plan: plan,
                    events: self.events(of: model, residency)
                )
            }
            let measured = await engine.measure(loaded)
            refreshHost()
            let now = timeline.now
            let actions = state.withLock { state in
                state.cancellations[model] = nil
                state.models[model] = loaded
                return state.keepPlans(
                    for: state.machine.loadSucceeded(
                        model,
                        residency,
                        measured: measured,
                        now: now
                    )
                )
            }
            carryOut(actions)
        } catch {
            refreshHost()
            let now = timeline.now
            let actions = state.withLock { state in
                state.cancellations[model] = nil
                return state.keepPlans(
                    for: state.machine.loadFailed(
                        model,
                        residency,
                        message: "\(error)",
                        now: now
                    )
                )
            }
            carryOut(actions)
        }
    }

    /// Runs `operation` until it ends; cancels it when `signal` ends first.
    private func abandonable<Value: Sendable>(
        by signal: AsyncStream<Never>,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                for await _ in signal {}
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
                group.cancelAll()
            }
            throw CancellationError()
        }
    }

    private func events(of model: ModelID, _ residency: Machine.Residency) -> EngineEvents {
        EngineEvents(
            progress: { [weak self] fraction in
                self?.state.withLock { $0.machine.loadProgressed(model, residency, to: fraction) }
            },
            exited: { [weak self] message in
                self?.exited(model, residency, message)
            }
        )
    }

    private func exited(_ model: ModelID, _ residency: Machine.Residency, _ message: String) {
        refreshHost()
        let now = timeline.now
        let actions = state.withLock { state in
            let actions = state.machine.engineExited(model, residency, message: message, now: now)
            if state.machine.slots[model]?.residency != residency { state.models[model] = nil }
            return state.keepPlans(for: actions)
        }
        carryOut(actions)
    }

    private func unload(_ model: ModelID, _ residency: Machine.Residency) async {
        if let loaded = state.withLock({ $0.models.removeValue(forKey: model) }) {
            await engine.unload(loaded)
        }
        refreshHost()
        perform { machine, now in machine.unloadFinished(model, residency, now: now) }
    }

    private func measure(_ model: ModelID, _ residency: Machine.Residency) async {
        guard let loaded = state.withLock({ $0.models[model] }),
            let measured = await engine.measure(loaded)
        else { return }
        perform { machine, now in machine.measured(model, residency, measured, now: now) }
    }

    private func wake(at instant: CacheInstant) async {
        do {
            try await timeline.sleep(until: instant)
        } catch {
            return
        }
        refreshHost()
        perform { machine, now in machine.alarmFired(instant, now: now) }
    }
}
