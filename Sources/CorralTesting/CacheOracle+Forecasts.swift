import CorralCache

/// Comparing what the cache says would happen with what happens.
extension CacheOracle {
    /// What the cache says would happen if the model were asked for now.
    mutating func foretell(
        _ model: ModelID,
        _ estimate: LoadEstimate,
        _ minimumContext: Int
    ) -> LoadForecast {
        var forecast = machine.forecast(
            for: model,
            estimate: estimate,
            minimumContext: minimumContext,
            now: now
        )
        if case .refused = forecast.outcome, plant(.promisesInfeasible) {
            forecast.outcome = .evicts
        }
        return forecast
    }

    /// What was foretold of a request has to be what happens to it.
    func check(
        _ forecast: LoadForecast,
        of model: ModelID,
        against admission: Machine.Admission
    ) throws {
        let isTrue =
            switch (forecast.outcome, admission) {
            case (.resident, .granted), (.loading, .queued), (.fits, .queued), (.evicts, .queued),
                (.waits, .queued):
                true
            case (.refused(let foretold), .refused(let error)): foretold.code == error.code
            default: false
            }
        guard isTrue else {
            throw complain("what if said \(forecast.outcome.label) of \(model): \(admission)")
        }
        for victim in forecast.victims where victim.model != model {
            guard let resident = world.models[victim.model] else {
                throw complain("what if evicts \(victim.model), which is not there")
            }
            if isLeased(resident) || world.pins.contains(victim.model) {
                throw complain("what if evicts \(victim.model), which may not go (law 2)")
            }
        }
    }
}
