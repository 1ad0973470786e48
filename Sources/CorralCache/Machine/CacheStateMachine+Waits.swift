import CorralMemory

/// How long requests wait, and which have waited too long.
extension CacheStateMachine {
    /// Why a request would wait longer than it may, if load times alone say so.
    ///
    /// Only where others wait for memory: what fits beside the rest is loaded at once.
    func hopelessness(
        of model: ModelID,
        _ estimate: LoadEstimate,
        patience: Duration?
    ) -> ModelCacheError? {
        guard configuration.refusesHopelessWaits, let patience, slots[model] == nil,
            queue.contains(where: waitsForMemory)
        else { return nil }
        let wait = predictedWait(besides: model) + loadTime(of: model, estimate)
        guard wait > patience else { return nil }
        return ModelCacheError(
            .overloaded,
            model: model,
            message: """
                The request would wait about \(wait.components.seconds) s for its model, but may \
                wait \(patience.components.seconds) s: more models are wanted than fit in memory. \
                Raise the budget, use fewer models or allow a longer wait.
                """,
            retryAfter: max(wait - patience, .seconds(1))
        )
    }

    func timedOut(_ request: Request, now: CacheInstant) -> ModelCacheError {
        let waited = now.duration(since: request.requestedAt)
        return ModelCacheError(
            .waitTimedOut,
            model: request.model,
            message: """
                The request waited \(waited.components.seconds) s for its model, which is as long \
                as it may: the models in memory are all in use. Try again, raise the budget or \
                allow a longer wait.
                """,
            retryAfter: predictedWait()
        )
    }

    /// The time after which a refused caller is told to try again.
    func predictedWait() -> Duration {
        max(predictedWait(besides: nil), .seconds(1))
    }

    /// The load times still ahead of a request that comes now, one after the other, but for
    /// those of the model it asks for.
    func predictedWait(besides own: ModelID?) -> Duration {
        var ahead: [ModelID: Duration] = [:]
        for (model, slot) in slots {
            if case .loading(let progress, let isCancelled) = slot.state, !isCancelled {
                ahead[model] = slot.loadTime * (1 - progress)
            }
        }
        for id in queue {
            if waitsForMemory(id), let request = requests[id] {
                ahead[request.model] = loadTime(of: request.model, request.estimate)
            }
        }
        if let own { ahead[own] = nil }
        return ahead.values.reduce(.zero, +)
    }

    /// How long a load is expected to take: as is known, or as loads took so far.
    func loadTime(of model: ModelID, _ estimate: LoadEstimate) -> Duration {
        if let known = estimate.loadTime { return known }
        let storage = storages[model] ?? ModelStorage()
        let seconds = costs.seconds(
            of: model,
            bytes: estimate.footprint.total.total,
            isCached: storage.isCached,
            storage: storage.name
        )
        return .milliseconds((seconds * 1000).rounded())
    }
}
