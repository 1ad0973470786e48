/// When models were used, and how soon each will be again.
///
/// Time is told in seconds, for the habits of people, and in runs, which are uninterrupted
/// successions of uses of one model: nothing ages in a night in which nobody asks.
struct UseStatistics: Sendable {
    /// A prediction that is still to be checked against what happens.
    private struct Example {
        var features: NextUsePredictor.Features
        var run: Double
        var runsPerTurnover: Double
    }

    private(set) var histories: [ModelID: UseHistory] = [:]
    /// The models with a history, in order of their first use.
    private var known: [ModelID] = []
    var predictor = NextUsePredictor()
    var pooledGaps = GapHistogram(filledWith: 0.5)
    var pooledRunGaps = GapHistogram(filledWith: 0.5)
    var observedGaps = 0
    var runs = 0.0
    /// Runs per second, decayed.
    var runRate = DecayedRate()
    /// Bytes loaded per second, decayed.
    var loadRate = DecayedRate()
    /// What was loaded in the runs so far, and how many runs that were, both decayed.
    var loadedBytes = 0.0
    var countedRuns = 0.0

    /// What the cache can hold, in bytes.
    var budget = 1.0
    private var current: ModelID?
    private var loadedInRun = 0.0
    private var examples: [ModelID: [Example]] = [:]

    /// Chosen on two workloads, checked on seven others: docs/policy.md.
    private enum Tuning {
        static let priorGaps = 8.0
        static let gapUnit = 0.2
        static let runGapUnit = 0.5
        static let pooledGapsBeforeFading = 2000
        static let ownGapsBeforeFading: Float = 200
        static let runsRemembered = 500.0
        /// After so many turnovers a model that was not used counts as used then.
        static let patience = 8.0
        /// A model's state is taken as an example once in so many turnovers.
        static let exampleInterval = 0.5
    }

    /// The runs in which as much is loaded as the cache holds.
    var runsPerTurnover: Double {
        guard countedRuns > 0 else { return 100 }
        return min(5000, max(3, budget / max(loadedBytes / countedRuns, 1e-3)))
    }

    /// The seconds in which as much is loaded as the cache holds.
    func secondsPerTurnover(at time: Double) -> Double {
        min(200_000, max(60, budget / max(loadRate.value(at: time), 1e-3)))
    }

    /// Counts a use of `model`.
    mutating func noteUse(of model: ModelID, at time: Double) {
        settle(examplesOf: model, usedAt: runs)
        if current != model { beginRun(of: model, at: time) }
        guard let index = histories.index(forKey: model) else {
            histories[model] = UseHistory(usedAt: time, run: runs)
            known.append(model)
            return
        }
        let elapsed = max(0, time - histories.values[index].lastUse)
        let elapsedRuns = runs - histories.values[index].lastRun
        add(elapsed / Tuning.gapUnit, to: \.gaps, at: index)
        add(elapsedRuns / Tuning.runGapUnit, to: \.runGaps, at: index)
        pooledGaps.add(elapsed / Tuning.gapUnit)
        pooledRunGaps.add(elapsedRuns / Tuning.runGapUnit)
        observedGaps += 1
        if observedGaps % Tuning.pooledGapsBeforeFading == 0 {
            pooledGaps.fade(to: 0.7)
            pooledRunGaps.fade(to: 0.7)
        }
        histories.values[index].note(after: elapsed)
        histories.values[index].lastUse = time
        histories.values[index].lastRun = runs
    }

    private mutating func add(
        _ gap: Double,
        to histogram: WritableKeyPath<UseHistory, GapHistogram>,
        at index: Dictionary<ModelID, UseHistory>.Index
    ) {
        histories.values[index][keyPath: histogram].add(gap)
        if histories.values[index][keyPath: histogram].total > Tuning.ownGapsBeforeFading {
            histories.values[index][keyPath: histogram].fade(to: 0.5)
        }
    }

    private mutating func beginRun(of model: ModelID, at time: Double) {
        current = model
        runs += 1
        runRate.add(1, at: time)
        let kept = ElementaryFunctions.decay(over: 1, halfLife: Tuning.runsRemembered)
        loadedBytes = loadedBytes * kept + loadedInRun
        countedRuns = countedRuns * kept + 1
        loadedInRun = 0
    }

    /// Counts a load of `bytes`, and takes the others as they are now for examples.
    mutating func noteLoad(of model: ModelID, bytes: Double, at time: Double) {
        let span = runsPerTurnover
        let moment = moment(at: time)
        // In order of first use, for what is learned depends on the order in the last digits.
        for other in known where other != model {
            settle(expiredExamplesOf: other)
            let latest = examples[other]?.last?.run
            if let latest, runs - latest <= span * Tuning.exampleInterval { continue }
            examples[other, default: []].append(
                Example(features: features(of: other, at: moment), run: runs, runsPerTurnover: span)
            )
        }
        loadedInRun += bytes
        loadRate.add(bytes, at: time)
    }

    private mutating func settle(examplesOf model: ModelID, usedAt run: Double) {
        guard let pending = examples[model], !pending.isEmpty else { return }
        examples[model]?.removeAll(keepingCapacity: true)
        for example in pending {
            let turnovers = (run - example.run) / example.runsPerTurnover
            predictor.learn(example.features, turnovers: min(Tuning.patience, turnovers))
        }
    }

    private mutating func settle(expiredExamplesOf model: ModelID) {
        guard let pending = examples[model] else { return }
        let expired = pending.prefix {
            runs - $0.run > Tuning.patience * $0.runsPerTurnover
        }
        guard !expired.isEmpty else { return }
        examples[model]?.removeFirst(expired.count)
        for example in expired {
            predictor.learn(example.features, turnovers: Tuning.patience)
        }
    }

    /// Takes over what is remembered of a model, in place of what was.
    mutating func restore(_ history: UseHistory, of model: ModelID) {
        if histories.updateValue(history, forKey: model) == nil { known.append(model) }
    }

    /// A time, and what is the same for all models then.
    struct Moment {
        var time: Double
        var secondsPerTurnover: Double
        var runsPerSecond: Double
    }

    /// What is the same for all models at a time.
    func moment(at time: Double) -> Moment {
        Moment(
            time: time,
            secondsPerTurnover: secondsPerTurnover(at: time),
            runsPerSecond: runRate.value(at: time)
        )
    }

    /// How often `model` is expected to be used in one turnover.
    func usesPerTurnover(of model: ModelID, at moment: Moment) -> Double {
        let prediction = predictor.prediction(features(of: model, at: moment))
        // A tenth more, so that what seems dead is still not thrown out for nothing.
        return ElementaryFunctions.exponential(prediction) + 0.1
    }

    private func features(of model: ModelID, at moment: Moment) -> NextUsePredictor.Features {
        let (time, seconds) = (moment.time, moment.secondsPerTurnover)
        let runsPerSecond = moment.runsPerSecond
        func logarithm(_ uses: Double) -> Double {
            ElementaryFunctions.logarithm(max(uses, 1e-4))
        }
        let history = histories[model]
        let age = max(0, time - (history?.lastUse ?? time))
        let rate = GapHistogram.rate(
            own: history?.gaps,
            pooled: pooledGaps,
            prior: Tuning.priorGaps,
            age: age / Tuning.gapUnit,
            horizon: seconds / Tuning.gapUnit
        )
        let runRate = GapHistogram.rate(
            own: history?.runGaps,
            pooled: pooledRunGaps,
            prior: Tuning.priorGaps,
            age: (runs - (history?.lastRun ?? runs)) / Tuning.runGapUnit,
            horizon: max(1, seconds * runsPerSecond) / Tuning.runGapUnit
        )
        var features = NextUsePredictor.Features.zero
        features[0] = 1
        features[1] = logarithm(rate / Tuning.gapUnit * seconds)
        for (index, halfLife) in UseHistory.halfLives.enumerated() {
            let left = ElementaryFunctions.decay(over: age, halfLife: halfLife)
            features[2 + index] = logarithm((history?.rates[index] ?? 0) * left * seconds + 0.02)
        }
        features[7] = logarithm(runRate / Tuning.runGapUnit * max(runsPerSecond, 1e-6) * seconds)
        return features
    }
}

/// Events per second, of which those six hours ago count half.
struct DecayedRate: Hashable, Sendable, Codable {
    static let halfLife = 21_600.0

    private var rate = 0.0
    private var time = 0.0

    /// The rate as of `now`, in seconds.
    func value(at now: Double) -> Double {
        rate * ElementaryFunctions.decay(over: max(0, now - time), halfLife: Self.halfLife)
    }

    /// Counts so many events.
    mutating func add(_ count: Double, at now: Double) {
        rate = value(at: now) + count * ElementaryFunctions.logarithmOfTwo / Self.halfLife
        time = max(now, time)
    }

    /// The same rate on a clock that shows `shift` seconds more.
    func shifted(by shift: Double) -> DecayedRate {
        var shifted = self
        shifted.time += shift
        return shifted
    }
}
