package import CorralCache
import CorralMemory
package import CorralWire

extension StatusReport {
    /// What was begun for hints.
    package func hints(_ outcomes: [HintOutcome]) -> HintAnswer {
        HintAnswer(
            models: outcomes.map { outcome in
                HintAnswer.Outcome(
                    names.named(outcome.model),
                    result: outcome.result.rawValue,
                    reason: outcome.reason.map(names.redaction.redact)
                )
            }
        )
    }

    /// What was decided about a model lately.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - decisions: The decisions that concern it, the oldest first.
    ///   - statistics: What the cache holds now.
    /// - Returns: The decisions, the latest first.
    package func why(
        _ model: ModelID,
        _ decisions: [DecisionRecord],
        _ statistics: CacheStatistics
    ) -> WhyAnswer {
        let state = statistics.models.first { $0.id == model }?.state ?? .absent
        return WhyAnswer(
            names.named(model),
            state: state.rawValue,
            policy: statistics.policy,
            decisions: decisions.reversed().map { decision($0, uptime: statistics.uptime) }
        )
    }

    private func decision(_ record: DecisionRecord, uptime: Duration) -> WhyAnswer.Decision {
        var decision = WhyAnswer.Decision(
            number: record.number,
            decision: record.kind.label,
            timeSeconds: record.time.sinceStart / .seconds(1),
            agoSeconds: (uptime - record.time.sinceStart) / .seconds(1),
            for: record.model.map(names.named),
            needed: DomainCounts(record.needed),
            free: DomainCounts(record.free),
            candidates: record.candidates.map(candidate)
        )
        if case .refused(let error) = record.kind {
            decision.code = error.code.description
            decision.message = names.redaction.redact(error.message)
        }
        return decision
    }

    private func candidate(_ candidate: DecisionCandidate) -> Candidate {
        Candidate(
            names.named(candidate.model),
            fate: candidate.fate.rawValue,
            bytes: candidate.bytes.rawValue,
            idleSeconds: candidate.idle / .seconds(1),
            score: candidate.score.value,
            reloadSeconds: candidate.score.reloadSeconds,
            secondsToNextUse: candidate.score.secondsToNextUse
        )
    }

    /// What would happen if a model were asked for.
    package func whatIf(_ forecast: LoadForecast) -> WhatIfAnswer {
        var answer = WhatIfAnswer(
            names.named(forecast.model),
            outcome: forecast.outcome.label,
            needed: DomainCounts(forecast.needed),
            free: DomainCounts(forecast.free),
            limit: DomainCounts(forecast.limit),
            contextTokens: forecast.contextTokens,
            loadSeconds: forecast.loadTime / .seconds(1),
            waitSeconds: forecast.wait / .seconds(1),
            candidates: forecast.candidates.map(candidate)
        )
        if case .refused(let error) = forecast.outcome {
            answer.code = error.code.description
            answer.message = names.redaction.redact(error.message)
        }
        return answer
    }
}
