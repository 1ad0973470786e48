import CorralCache
import CorralMemory

extension StatusReport {
    /// What became of a hint.
    func json(_ outcome: HintOutcome) -> JSONValue {
        var members = name(of: outcome.model)
        members.append(("result", .string(outcome.result.rawValue)))
        if let reason = outcome.reason {
            members.append(("reason", .string(redaction.redact(reason))))
        }
        return .object(members)
    }

    /// One decision, as seen so long after the cache began.
    func json(_ record: DecisionRecord, uptime: Duration) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("number", JSONValue(record.number)),
            ("decision", .string(record.kind.label)),
            ("time_seconds", JSONValue(seconds: record.time.sinceStart)),
            ("ago_seconds", JSONValue(seconds: uptime - record.time.sinceStart)),
            ("for", record.model.map { .object(name(of: $0)) } ?? .null),
            ("needed", json(record.needed)),
            ("free", json(record.free)),
        ]
        if case .refused(let error) = record.kind {
            members.append(("code", .string(error.code.description)))
            members.append(("message", .string(redaction.redact(error.message))))
        }
        members.append(("candidates", .array(record.candidates.map(json))))
        return .object(members)
    }

    /// A resident model in a decision.
    func json(_ candidate: DecisionCandidate) -> JSONValue {
        let appraisal = candidate.appraisal
        return .object(
            name(of: candidate.model) + [
                ("fate", .string(candidate.fate.rawValue)),
                ("bytes", .integer(candidate.bytes.rawValue)),
                ("idle_seconds", JSONValue(seconds: candidate.idle)),
                ("score", .number(appraisal.score)),
                ("reload_seconds", .number(appraisal.reloadSeconds)),
                (
                    "seconds_to_next_use",
                    appraisal.secondsToNextUse.map { .number($0) } ?? .null
                ),
            ]
        )
    }

    /// What would happen if a model were asked for.
    func json(_ forecast: LoadForecast) -> JSONValue {
        var members = name(of: forecast.model)
        members += [
            ("outcome", .string(forecast.outcome.label)),
            ("needed", json(forecast.needed)),
            ("free", json(forecast.free)),
            ("limit", json(forecast.limit)),
            ("context_tokens", JSONValue(forecast.contextTokens)),
            ("load_seconds", JSONValue(seconds: forecast.loadTime)),
            ("wait_seconds", JSONValue(seconds: forecast.wait)),
            ("victims", .array(forecast.victims.map(json))),
            ("candidates", .array(forecast.candidates.map(json))),
        ]
        if case .refused(let error) = forecast.outcome {
            members.append(("code", .string(error.code.description)))
            members.append(("message", .string(redaction.redact(error.message))))
        }
        return .object(members)
    }
}
