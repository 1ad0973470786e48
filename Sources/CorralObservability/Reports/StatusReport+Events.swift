package import CorralCache
import CorralMemory
package import CorralWire

extension StatusReport {
    /// What an event of the cache says.
    package func event(_ event: CacheEvent) -> DaemonEvent {
        var told = DaemonEvent(
            "",
            timeSeconds: event.time.sinceStart / .seconds(1),
            model: event.model.map(names.named)
        )
        describe(event.kind, in: &told)
        return told
    }

    private func describe(_ kind: CacheEvent.Kind, in told: inout DaemonEvent) {
        told.event = Self.name(of: kind)
        switch kind {
        case .leaseGranted(let hit, let waited):
            told.hit = hit
            told.waitedSeconds = waited / .seconds(1)
        case .leaseReleased(let held): told.heldSeconds = held / .seconds(1)
        case .requestQueued(let waiting): told.waiting = waiting
        case .requestRefused(let error):
            told.code = error.code.description
            told.message = names.redaction.redact(error.message)
        case .loadStarted(let planned): told.planned = FootprintValue(planned)
        case .loadFinished(let took, let measured):
            told.tookSeconds = took / .seconds(1)
            told.measured = OrNull(wrappedValue: measured.map(MeasuredValue.init))
        case .loadFailed(let text, let retryAfter):
            told.message = names.redaction.redact(text)
            told.retryAfterSeconds = retryAfter / .seconds(1)
        case .measured(let measured, let aboveBudget):
            told.measured = OrNull(wrappedValue: MeasuredValue(measured))
            told.aboveBudget = DomainCounts(aboveBudget)
        case .draining(let reason), .unloadStarted(let reason): describe(reason, in: &told)
        case .unloadFinished(let returned): told.returned = DomainCounts(returned)
        case .exited(let text, let leases):
            told.message = names.redaction.redact(text)
            told.leases = leases
        case .pinChanged(let isPinned): told.pinned = isPinned
        case .limitChanged(let limit): told.limit = DomainCounts(limit)
        case .prefetchStarted(let confidence): told.confidence = confidence
        case .oversubscriptionChanged(let pressure):
            told.pressure = DaemonStatus.Pressure(pressure)
        case .loadCancelled, .drainCancelled, .readAheadStarted, .shutdownStarted,
            .shutdownFinished:
            break
        }
    }

    private static func name(of kind: CacheEvent.Kind) -> String {
        switch kind {
        case .leaseGranted: "lease_granted"
        case .leaseReleased: "lease_released"
        case .requestQueued: "request_queued"
        case .requestRefused: "request_refused"
        case .loadStarted: "load_started"
        case .loadFinished: "load_finished"
        case .loadFailed: "load_failed"
        case .loadCancelled: "load_cancelled"
        case .measured: "measured"
        case .draining: "draining"
        case .drainCancelled: "drain_cancelled"
        case .unloadStarted: "unload_started"
        case .unloadFinished: "unload_finished"
        case .exited: "exited"
        case .pinChanged: "pin_changed"
        case .limitChanged: "limit_changed"
        case .prefetchStarted: "prefetch_started"
        case .readAheadStarted: "read_ahead_started"
        case .oversubscriptionChanged: "oversubscription_changed"
        case .shutdownStarted: "shutdown_started"
        case .shutdownFinished: "shutdown_finished"
        }
    }

    private func describe(_ reason: UnloadReason, in told: inout DaemonEvent) {
        told.reason = reason.label
        switch reason {
        case .evicted(let successor, let because):
            told.for = successor.map(names.named)
            told.because = names.redaction.redact("\(because)")
        case .pressure(let because): told.because = names.redaction.redact("\(because)")
        case .idle, .requested, .reloadedWithMoreContext, .shutdown: break
        }
    }
}
