import CorralMemory

/// Loading what is likely to be wanted, as long as nobody wants anything else.
extension CacheStateMachine {
    /// More hints than this are declined.
    private static var hintLimit: Int { 16 }

    /// A hint less likely than this evicts nobody.
    private static var leastConfidenceToEvict: Double { 0.4 }

    /// A hint evicts others only where it gains so many times the seconds that they lose.
    private static var leastGain: Double { 2 }

    /// How long it takes on average until a hint comes true; a victim that is used before then
    /// has to be loaded again.
    private static var leadSeconds: Double { 60 }

    /// Half loaded, a model is loaded to the end if it is in nobody's way.
    private static var progressWorthFinishing: Double { 0.5 }

    /// Predictions less likely than this are not acted on.
    private static var leastConfidence: Double { 0.15 }

    /// Notes that a model is likely to be wanted before `expires`.
    ///
    /// - Returns: What becomes of that at once.
    package mutating func modelHinted(
        _ model: ModelID,
        estimate: LoadEstimate,
        confidence: Double,
        expires: CacheInstant,
        now: CacheInstant
    ) -> (HintOutcome, [Action]) {
        hints.removeAll { $0.expires <= now }
        if let slot = slots[model], slot.isStaying {
            if case .unused(let until) = slot.prefetch {
                slots[model]?.prefetch = .unused(until: max(until, expires))
            }
            return (HintOutcome(model: model, result: .resident), [])
        }
        if let reason = objection(to: model, estimate, now: now) {
            return (HintOutcome(model: model, result: .declined, reason: reason), [])
        }
        if let index = hints.firstIndex(where: { $0.model == model }) {
            hints[index].expires = max(hints[index].expires, expires)
            hints[index].confidence = max(hints[index].confidence, confidence)
            hints[index].estimate = estimate
        } else {
            hints.append(
                Hint(model: model, estimate: estimate, confidence: confidence, expires: expires)
            )
        }
        let actions = serveQueue(now: now)
        let result: HintOutcome.Result =
            if slots[model]?.isLoading == true {
                .loading
            } else if reading[model] == true {
                .reading
            } else {
                .pending
            }
        return (HintOutcome(model: model, result: result), actions)
    }

    private func objection(
        to model: ModelID,
        _ estimate: LoadEstimate,
        now: CacheInstant
    ) -> String? {
        guard lifecycle == .running else { return "Corral is shutting down." }
        guard configuration.prefetching != .off else {
            return "Nothing is loaded before it is asked for: prefetching is off."
        }
        if let failure = failures[model], failure.until > now { return failure.message }
        if let error = infeasibility(of: estimate, for: model) { return error.message }
        let others = hints.count { $0.model != model }
        return others < Self.hintLimit ? nil : "\(others) models are expected already."
    }

    /// Whether a model is expected to be wanted, or was loaded for that.
    func isExpected(_ model: ModelID, now: CacheInstant) -> Bool {
        if case .unused(let until)? = slots[model]?.prefetch, until > now { return true }
        return hints.contains { $0.model == model && $0.expires > now }
    }

    /// Whether a model was loaded for a hint that did not come true.
    func isStalePrefetch(_ model: ModelID, now: CacheInstant) -> Bool {
        if case .unused(let until)? = slots[model]?.prefetch { until <= now } else { false }
    }

    /// Loads, or reads ahead, for the first hint for which that can be done, if nobody waits.
    mutating func serveHints(now: CacheInstant) -> [Action] {
        guard !hints.isEmpty || !reading.isEmpty else { return [] }
        hints.removeAll { hint in
            hint.expires <= now || slots[hint.model]?.isStaying == true
        }
        let isBusy = slots.values.contains { $0.isLoading }
        guard queue.isEmpty, !isBusy, lifecycle == .running else {
            // The disk is needed for a model that somebody waits for.
            return cancelReading { _ in true }
        }
        let hinted = Set(hints.map(\.model))
        let actions = cancelReading { !hinted.contains($0) }
        for hint in hints where slots[hint.model] == nil {
            // Files are read one at a time, or they would slow each other down.
            guard reading.isEmpty || reading[hint.model] != nil else { continue }
            if let begun = serve(hint, now: now) { return actions + begun }
        }
        return actions
    }

    private mutating func cancelReading(where isUnwanted: (ModelID) -> Bool) -> [Action] {
        let unwanted = reading.filter { $0.value && isUnwanted($0.key) }.keys.sorted()
        for model in unwanted { reading[model] = false }
        return unwanted.map { .cancelReadAhead($0) }
    }

    /// What can be done for a hint now; `nil` for nothing, so that the next may be served.
    private mutating func serve(_ hint: Hint, now: CacheInstant) -> [Action]? {
        guard infeasibility(of: hint.estimate, for: hint.model) == nil else { return nil }
        switch room(forHint: hint, now: now) {
        case .free:
            let confidence = hint.confidence
            noteDecision(.prefetched, for: hint, victims: [], now: now)
            let load = startLoad(
                of: hint.model,
                hint.estimate,
                keepAlive: nil,
                for: nil,
                now: now
            )
            slots[hint.model]?.prefetch = .unused(until: hint.expires)
            slots[hint.model]?.hintConfidence = confidence
            records[hint.model, default: ModelRecord()].prefetches += 1
            hints.removeAll { $0.model == hint.model }
            let stop = cancelReading { $0 == hint.model }
            let event = CacheEvent(
                time: now,
                model: hint.model,
                kind: .prefetchStarted(confidence: confidence)
            )
            return stop + [.emit(event)] + load
        case .evict(let victims):
            // Reading ahead takes no memory that anybody holds, so it comes first.
            if let reading = readAhead(for: hint, now: now) { return reading }
            noteDecision(.prefetched, for: hint, victims: victims, now: now)
            return evict(victims, for: hint.model, now: now)
        case .wait:
            return readAhead(for: hint, now: now)
        }
    }

    /// Has a hint's file read ahead; `nil` if it was read already.
    private mutating func readAhead(for hint: Hint, now: CacheInstant) -> [Action]? {
        guard !hint.isReadAhead else { return nil }
        // A reading that was called off has to end before another of the same file begins.
        guard reading[hint.model] == nil else { return [] }
        reading[hint.model] = true
        return [
            .emit(CacheEvent(time: now, model: hint.model, kind: .readAheadStarted)),
            .readAhead(hint.model),
        ]
    }

    /// Notes that a file was read ahead, or that reading was abandoned.
    package mutating func readAheadFinished(_ model: ModelID, now: CacheInstant) -> [Action] {
        let isDone = reading.removeValue(forKey: model) == true
        if isDone, let index = hints.firstIndex(where: { $0.model == model }) {
            hints[index].isReadAhead = true
        }
        return serveQueue(now: now)
    }

    /// Where the memory for a hint could come from: `wait` if it is not worth it.
    private mutating func room(forHint hint: Hint, now: CacheInstant) -> Room {
        let footprint = hint.estimate.footprint
        if (ledger.reserved + ledger.adding(footprint)).fits(in: limit) { return .free }
        var need = EvictionNeed(
            candidates: [],
            incoming: footprint,
            ledger: staying(),
            limit: limit
        )
        guard need.shortfall(in: need.ledger) != .zero else { return .wait }
        let idle = candidates(now: now) { $0.leases == 0 && !isFresh($0, now: now) }
        need.candidates = idle.filter { !isExpected($0.model, now: now) }
        guard let victims = sufficientVictims(for: need, now: now) else { return .wait }
        let chosen = Set(victims.map(\.model))
        let loss = zip(need.candidates, policy.scores(of: need, at: now))
            .filter { chosen.contains($0.0.model) && !isStalePrefetch($0.0.model, now: now) }
            .reduce(0) { $0 + lossSeconds($1.0, $1.1, now: now) }
        let gain = hint.confidence * reloadSeconds(of: hint.model, hint.estimate)
        if hint.confidence >= Self.leastConfidenceToEvict, gain > Self.leastGain * loss {
            return .evict(victims)
        }
        if !hint.wasDeclined, let index = hints.firstIndex(where: { $0.model == hint.model }) {
            hints[index].wasDeclined = true
            noteDecision(.declinedPrefetch, for: hint, victims: [], now: now)
        }
        return .wait
    }

    /// What evicting a model costs on average, if it is used before the hint comes true.
    private func lossSeconds(
        _ candidate: EvictionCandidate,
        _ score: EvictionScore,
        now: CacheInstant
    ) -> Double {
        // A policy that does not guess is taken to expect a model to stay idle for as long again.
        let idle = now.duration(since: candidate.lastUsed) / .seconds(1)
        let distance = max(score.secondsToNextUse ?? idle, 1)
        let chance = 1 - ElementaryFunctions.exponential(-Self.leadSeconds / distance)
        return score.reloadSeconds * chance
    }

    /// Calls off loads for hints, for a request that needs their memory or the disk.
    ///
    /// - Parameters:
    ///   - all: Whether to call off loads too that are more than half done.
    ///   - now: The time.
    /// - Returns: What to do.
    mutating func cancelPrefetches(all: Bool, now: CacheInstant) -> [Action] {
        var cancelled: [ModelID] = []
        for (model, slot) in slots where slot.prefetch.isUnused {
            guard case .loading(let progress, false) = slot.state,
                all || progress < Self.progressWorthFinishing
            else { continue }
            cancelled.append(model)
        }
        return cancelled.sorted().flatMap { model -> [Action] in
            guard let slot = slots[model], case .loading(let progress, _) = slot.state else {
                return []
            }
            slots[model]?.state = .loading(progress: progress, isCancelled: true)
            // It is still likely to be wanted, when there is time again.
            if case .unused(let until) = slot.prefetch, until > now, hints.count < Self.hintLimit {
                hints.append(
                    Hint(
                        model: model,
                        estimate: slot.estimate,
                        confidence: slot.hintConfidence,
                        expires: until
                    )
                )
            }
            let event = CacheEvent(time: now, model: model, kind: .loadCancelled)
            return [.emit(event), .cancelLoad(model, slot.residency)]
        }
    }

    // MARK: Prediction

    /// Learns which model is asked for after which.
    ///
    /// - Returns: Whether there may be something to load ahead of time now.
    mutating func noteTransition(to model: ModelID, now: CacheInstant) -> Bool {
        guard configuration.prefetching == .predicted else { return false }
        return transitions.note(model, at: now)
    }

    /// Asks for plans of the models that usually follow `model`.
    package func predict(after model: ModelID) -> [Action] {
        guard configuration.prefetching == .predicted, lifecycle == .running else { return [] }
        return transitions.predictions(after: model, atLeast: Self.leastConfidence)
            .prefix(3)
            .filter { slots[$0.model] == nil }
            .map { .plan($0.model, confidence: $0.confidence) }
    }

    /// Whether a model's file is being read ahead and still should be.
    func isReadingAhead(_ model: ModelID) -> Bool {
        reading[model] == true
    }

    /// Whether a model is being loaded for a hint.
    func isPrefetch(_ model: ModelID) -> Bool {
        slots[model].map { $0.isLoading && $0.prefetch.isUnused } ?? false
    }

    /// Whether the plan of a hint is still needed.
    func isHinted(_ model: ModelID) -> Bool {
        hints.contains { $0.model == model }
    }
}
