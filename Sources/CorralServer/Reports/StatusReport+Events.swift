import CorralCache
import CorralMemory

extension StatusReport {
    /// The name of an event and what it says.
    func json(_ event: CacheEvent) -> (name: String, json: JSONValue) {
        let (name, details) = describe(event.kind)
        let members: [(name: String, value: JSONValue)] =
            [
                ("event", .string(name)),
                ("time_seconds", JSONValue(seconds: event.time.sinceStart)),
            ] + (event.model.map(self.name) ?? []) + details
        return (name, .object(members))
    }

    private func describe(
        _ kind: CacheEvent.Kind
    ) -> (String, [(name: String, value: JSONValue)]) {
        switch kind {
        case .leaseGranted(let hit, let waited):
            (
                "lease_granted",
                [("hit", .bool(hit)), ("waited_seconds", JSONValue(seconds: waited))]
            )
        case .leaseReleased(let held):
            ("lease_released", [("held_seconds", JSONValue(seconds: held))])
        case .requestQueued(let waiting): ("request_queued", [("waiting", JSONValue(waiting))])
        case .requestRefused(let error):
            (
                "request_refused",
                [("code", .string(error.code.description)), message(error.message)]
            )
        case .loadStarted(let planned): ("load_started", [("planned", json(planned))])
        case .loadFinished(let took, let measured):
            (
                "load_finished",
                [("took_seconds", JSONValue(seconds: took)), ("measured", json(measured))]
            )
        case .loadFailed(let text, let retryAfter):
            (
                "load_failed",
                [message(text), ("retry_after_seconds", JSONValue(seconds: retryAfter))]
            )
        case .loadCancelled: ("load_cancelled", [])
        case .measured(let measured, let aboveBudget):
            ("measured", [("measured", json(measured)), ("above_budget", json(aboveBudget))])
        case .draining(let reason): ("draining", describe(reason))
        case .drainCancelled: ("drain_cancelled", [])
        case .unloadStarted(let reason): ("unload_started", describe(reason))
        case .unloadFinished(let returned): ("unload_finished", [("returned", json(returned))])
        case .exited(let text, let leases):
            ("exited", [message(text), ("leases", JSONValue(leases))])
        case .pinChanged(let isPinned): ("pin_changed", [("pinned", .bool(isPinned))])
        case .limitChanged(let limit): ("limit_changed", [("limit", json(limit))])
        case .prefetchStarted(let confidence):
            ("prefetch_started", [("confidence", .number(confidence))])
        case .readAheadStarted: ("read_ahead_started", [])
        case .oversubscriptionChanged(let pressure):
            ("oversubscription_changed", [("pressure", json(pressure))])
        case .shutdownStarted: ("shutdown_started", [])
        case .shutdownFinished: ("shutdown_finished", [])
        }
    }

    private func message(_ text: String) -> (name: String, value: JSONValue) {
        ("message", .string(redaction.redact(text)))
    }

    private func describe(_ reason: UnloadReason) -> [(name: String, value: JSONValue)] {
        var members: [(name: String, value: JSONValue)] = [("reason", .string(reason.label))]
        switch reason {
        case .evicted(let successor, let because):
            if let successor { members.append(("for", .object(name(of: successor)))) }
            members.append(("because", .string(redaction.redact("\(because)"))))
        case .pressure(let because):
            members.append(("because", .string(redaction.redact("\(because)"))))
        case .idle, .requested, .reloadedWithMoreContext, .shutdown: break
        }
        return members
    }
}
