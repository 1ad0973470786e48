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

    /// The history of one model, and the predictions about it that are still open.
    private struct Entry {
        var model: ModelID
        var history: UseHistory
        var examples: [Example] = []
    }

    /// In order of their first use, for what is learned depends on the order in the last digits.
    private var entries: [Entry] = []
    private var positions: [ModelID: Int] = [:]
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
    /// The position of the model that was used last: the next use is often of the same, which
    /// then has not to be looked up.
    private var current: Int?
    private var loadedInRun = 0.0

    /// Chosen on two workloads, checked on seven others: docs/policy.md.
    private enum Tuning {
        static let priorGaps = 8.0
        static let gapUnit = 0.2
        static let runGapUnit = 0.5
        static let pooledGapsBeforeFading = 2000
        /// What is left of the weight of earlier runs after each run: half after 500 runs.
        static let weightKept = ElementaryFunctions.decay(over: 1, halfLife: 500)
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

    /// The models that were used.
    var models: [ModelID] { entries.map(\.model) }

    /// What is remembered of a model.
    func history(of model: ModelID) -> UseHistory? {
        positions[model].map { entries[$0].history }
    }

    /// Counts a use of `model`: a lease pays for this, so the common case is quick.
    mutating func noteUse(of model: ModelID, urgency: Double, at time: Double) {
        if let current, entries[current].model == model {
            noteUse(at: current, urgency, time)
        } else if let position = positions[model] {
            noteUse(at: position, urgency, time)
        } else {
            beginRun(at: time)
            current = entries.count
            positions[model] = entries.count
            entries.append(
                Entry(model: model, history: UseHistory(usedAt: time, run: runs, urgency: urgency))
            )
        }
    }

    private mutating func noteUse(at position: Int, _ urgency: Double, _ time: Double) {
        if !entries[position].examples.isEmpty { settle(examplesAt: position) }
        if current != position {
            beginRun(at: time)
            current = position
        }
        let elapsed = max(0, time - entries[position].history.lastUse)
        let elapsedRuns = runs - entries[position].history.lastRun
        let bin = GapHistogram.bin(of: elapsed / Tuning.gapUnit)
        let runBin = GapHistogram.bin(of: elapsedRuns / Tuning.runGapUnit)
        entries[position].history.noteUse(
            at: time,
            run: runs,
            bin: bin,
            runBin: runBin,
            after: elapsed,
            urgency: urgency
        )
        pooledGaps.add(toBin: bin)
        pooledRunGaps.add(toBin: runBin)
        observedGaps += 1
        if observedGaps % Tuning.pooledGapsBeforeFading == 0 {
            pooledGaps.fade(to: 0.7)
            pooledRunGaps.fade(to: 0.7)
        }
    }

    private mutating func beginRun(at time: Double) {
        runs += 1
        runRate.add(1, at: time)
        loadedBytes = loadedBytes * Tuning.weightKept + loadedInRun
        countedRuns = countedRuns * Tuning.weightKept + 1
        loadedInRun = 0
    }

    /// Counts a load of `bytes`, and takes the others as they are now for examples.
    mutating func noteLoad(of model: ModelID, bytes: Double, at time: Double) {
        let span = runsPerTurnover
        let moment = moment(at: time)
        for position in entries.indices where entries[position].model != model {
            settle(expiredExamplesAt: position)
            let latest = entries[position].examples.last?.run
            if let latest, runs - latest <= span * Tuning.exampleInterval { continue }
            let features = features(of: entries[position].history, at: moment)
            entries[position].examples.append(
                Example(features: features, run: runs, runsPerTurnover: span)
            )
        }
        loadedInRun += bytes
        loadRate.add(bytes, at: time)
    }

    private mutating func settle(examplesAt position: Int) {
        let pending = entries[position].examples
        entries[position].examples = []
        for example in pending {
            let turnovers = (runs - example.run) / example.runsPerTurnover
            predictor.learn(example.features, turnovers: min(Tuning.patience, turnovers))
        }
    }

    private mutating func settle(expiredExamplesAt position: Int) {
        let expired = entries[position].examples.prefix {
            runs - $0.run > Tuning.patience * $0.runsPerTurnover
        }
        guard !expired.isEmpty else { return }
        entries[position].examples.removeFirst(expired.count)
        for example in expired {
            predictor.learn(example.features, turnovers: Tuning.patience)
        }
    }

    /// Takes over what is remembered of a model, in place of what was.
    mutating func restore(_ history: UseHistory, of model: ModelID) {
        if let position = positions[model] {
            entries[position].history = history
        } else {
            positions[model] = entries.count
            entries.append(Entry(model: model, history: history))
        }
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
        let prediction = predictor.prediction(features(of: history(of: model), at: moment))
        // A tenth more, so that what seems dead is still not thrown out for nothing.
        return ElementaryFunctions.exponential(prediction) + 0.1
    }

    /// How urgent the uses of `model` are, from 0 to 1.
    func urgency(of model: ModelID) -> Double { history(of: model)?.urgency ?? 1 }

    private func features(
        of history: UseHistory?,
        at moment: Moment
    ) -> NextUsePredictor.Features {
        let (time, seconds) = (moment.time, moment.secondsPerTurnover)
        let runsPerSecond = moment.runsPerSecond
        func logarithm(_ uses: Double) -> Double {
            ElementaryFunctions.logarithm(max(uses, 1e-4))
        }
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
        let left = UseHistory.decays(over: age)
        for index in UseHistory.halfLives.indices {
            let uses = (history?.rates[index] ?? 0) * left[index] * seconds
            features[2 + index] = logarithm(uses + 0.02)
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
