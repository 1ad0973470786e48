package import CorralMemory

/// Whether a request can ever, or now, be met; and the sentence if it cannot.
extension CacheStateMachine {
    /// What may be reserved now: the budget, bounded by what the host can spare
    /// beside what the models are known to hold already.
    ///
    /// File-backed pages are reclaimable and therefore available already; only
    /// exclusive memory is added back.
    var limit: DomainBytes {
        guard let hostAvailable else { return budget }
        var reachable = hostAvailable
        for slot in slots.values where !slot.isLoading {
            reachable += held(by: slot)
        }
        var limit = budget
        for domain in budget.domains {
            limit[domain] = min(budget[domain], max(reachable[domain], .zero))
        }
        return limit
    }

    /// What a loaded model holds of the memory that the host calls used.
    func held(by slot: Slot) -> DomainBytes {
        slot.measured?.exclusive ?? slot.estimate.footprint.exclusive
    }

    /// Notes what the host can spare now, in each domain.
    ///
    /// - Parameters:
    ///   - available: What could be allocated now.
    ///   - pressure: The share of time in which tasks wait for memory, where the host tells it.
    ///   - now: The time.
    /// - Returns: What to do.
    package mutating func hostMemoryChanged(
        available: DomainBytes,
        pressure: Double? = nil,
        now: CacheInstant
    ) -> [Action] {
        let before = limit
        hostAvailable = available
        let given = giveBack(pressure: pressure, now: now)
        guard limit != before else { return given }
        let event = CacheEvent(time: now, kind: .limitChanged(limit))
        let isCalm = queue.isEmpty && hints.isEmpty
        return given + [.emit(event)] + (isCalm ? [] : serveQueue(now: now))
    }

    /// Why a new request must be refused at once, if it must.
    func refusal(
        for model: ModelID,
        estimate: LoadEstimate,
        minimumContext: Int,
        patience: Duration?,
        now: CacheInstant
    ) -> ModelCacheError? {
        guard lifecycle == .running else {
            return ModelCacheError(
                .shuttingDown,
                model: model,
                message: "Corral is shutting down and takes no new requests."
            )
        }
        if slots[model] == nil, let failure = failures[model], failure.until > now {
            return loadFailedError(model, failure, now: now)
        }
        if !isServed(model, minimumContext),
            let error = infeasibility(of: estimate, for: model)
        {
            return error
        }
        guard queue.count < configuration.queueLimit else {
            let retryAfter = predictedWait()
            return ModelCacheError(
                .queueFull,
                model: model,
                message: """
                    \(queue.count) requests wait already, which is the limit; \
                    try again in about \(retryAfter.components.seconds) s.
                    """,
                retryAfter: retryAfter
            )
        }
        return hopelessness(of: model, estimate, patience: patience)
    }

    /// Whether a request for so much context will be met by what is in memory or being loaded,
    /// without another load.
    func isServed(_ model: ModelID, _ minimumContext: Int) -> Bool {
        guard let slot = slots[model], slot.isStaying, slot.draining == nil else { return false }
        return slot.estimate.contextTokens >= minimumContext
    }

    /// Whether a queued request waits for memory: its model has yet to be loaded, or to make way
    /// for itself with more context.
    func waitsForMemory(_ id: LeaseID) -> Bool {
        guard let request = requests[id] else { return false }
        guard let slot = slots[request.model] else { return true }
        return slot.state == .resident && slot.draining == nil
            && slot.estimate.contextTokens < request.minimumContext
    }

    /// What is reserved beside `model`, which returns what it holds before it is loaded again.
    func ledger(without model: ModelID) -> Ledger<ModelID> {
        var others = ledger
        others.release(model)
        return others
    }

    /// What loading `model` so would add to what is reserved.
    func growth(by estimate: LoadEstimate, for model: ModelID) -> DomainBytes {
        let others = ledger(without: model)
        let after = others.reserved + others.adding(estimate.footprint)
        return after.excess(over: ledger.reserved)
    }

    /// Why `estimate` cannot be met however many unpinned models are evicted, and though `model`
    /// itself returns what it holds.
    func infeasibility(of estimate: LoadEstimate, for model: ModelID) -> ModelCacheError? {
        let footprint = estimate.footprint
        guard footprint.total.fits(in: budget) else {
            return ModelCacheError(
                .tooLarge,
                model: model,
                message: sentence(
                    "The model needs \(footprint.total) but the whole budget is \(budget).",
                    estimate.remedies,
                    otherwise: "Raise the memory budget or choose a smaller model."
                ),
                needed: footprint.total,
                available: budget
            )
        }
        let pinned = pinnedReservations(besides: model)
        let needed = pinned.adding(footprint)
        guard (pinned.reserved + needed).fits(in: budget) else {
            let names = slots.keys.filter { $0 != model && pins.contains($0) }
                .sorted().map(\.description)
            return ModelCacheError(
                .insufficientMemory,
                model: model,
                message: sentence(
                    """
                    The model needs \(needed), but pinned models hold \(pinned.reserved) of the \
                    budget of \(budget): \(names.joined(separator: ", ")).
                    """,
                    estimate.remedies,
                    otherwise: "Unpin one of them."
                ),
                needed: needed,
                available: budget - pinned.reserved
            )
        }
        // While models come and go, what the host can spare is not settled.
        let isSettled = !slots.values.contains { $0.isLoading || $0.state == .unloading }
        let limit = limit
        guard isSettled, !(pinned.reserved + needed).fits(in: limit) else { return nil }
        return ModelCacheError(
            .insufficientMemory,
            model: model,
            message: sentence(
                """
                The model needs \(needed), but other programs leave Corral only \
                \(limit - pinned.reserved) now.
                """,
                estimate.remedies,
                otherwise: "Close other programs or try again later."
            ),
            needed: needed,
            available: limit - pinned.reserved,
            retryAfter: Self.otherProgramsRetry
        )
    }

    /// The reservations of pinned models other than `model`: they stay whatever is evicted.
    private func pinnedReservations(besides model: ModelID) -> Ledger<ModelID> {
        guard !pins.isEmpty else { return Ledger() }
        var pinned = ledger
        for other in slots.keys where other == model || !pins.contains(other) {
            pinned.release(other)
        }
        return pinned
    }

    /// Nobody knows when other programs give memory back; this is how often it is
    /// worth asking.
    private static var otherProgramsRetry: Duration { .seconds(15) }

    private func sentence(_ what: String, _ remedies: [String], otherwise: String) -> String {
        remedies.isEmpty ? "\(what) \(otherwise)" : "\(what) \(remedies.joined(separator: " "))"
    }
}
