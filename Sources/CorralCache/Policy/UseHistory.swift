/// What is remembered of when one model was used; it outlives the model's stay in memory.
struct UseHistory: Hashable, Sendable, Codable {
    /// When it was last used, in seconds.
    var lastUse: Double
    /// The number of the run it was last used in.
    var lastRun: Double
    /// The gaps between uses, in fifths of a second.
    var gaps = GapHistogram()
    /// The gaps between uses, in half runs.
    var runGaps = GapHistogram()
    /// How urgent its uses were, the latest eight counting most; 1 where somebody waited for all.
    var urgency = 1.0
    /// Uses per second, decayed with each of ``halfLives``, as of the last use.
    var rates = SIMD8<Double>.zero

    /// From a minute to two days: a conversation, an afternoon, a day, a week's habit.
    static let halfLives: [Double] = [60, 600, 3600, 21_600, 172_800]

    /// What is left of each rate after `elapsed` seconds.
    ///
    /// Each half-life is a multiple of the one before, so one exponential is enough.
    static func decays(over elapsed: Double) -> SIMD8<Double> {
        var decays = SIMD8<Double>.zero
        let days = ElementaryFunctions.decay(over: elapsed, halfLife: halfLives[4])
        let squared = days * days
        let hours = (squared * squared) * (squared * squared)
        let hour = hours * hours * hours * hours * hours * hours
        let tenMinutes = hour * hour * hour * hour * hour * hour
        let fifth = tenMinutes * tenMinutes * tenMinutes * tenMinutes * tenMinutes
        decays[0] = fifth * fifth
        decays[1] = tenMinutes
        decays[2] = hour
        decays[3] = hours
        decays[4] = days
        return decays
    }

    /// The logarithm of two over each half-life; the lanes that are not used stay zero.
    private static let decayRates: SIMD8<Double> = {
        var rates = SIMD8<Double>.zero
        for (index, halfLife) in halfLives.enumerated() {
            rates[index] = ElementaryFunctions.logarithmOfTwo / halfLife
        }
        return rates
    }()

    private static let gapsBeforeFading: Float = 200

    /// The weight of the latest use in ``urgency``; what is left is the weight of all before it.
    private static let urgencyStep = 0.125

    init(usedAt time: Double, run: Double, urgency: Double) {
        self.urgency = urgency
        lastUse = time
        lastRun = run
        rates = Self.decayRates
    }

    /// Counts a use, `elapsed` seconds after the one before.
    ///
    /// - Parameters:
    ///   - time: When, in seconds.
    ///   - run: The number of the run it is in.
    ///   - bin: The bin of the gap in time.
    ///   - runBin: The bin of the gap in runs.
    ///   - elapsed: The gap in time, in seconds.
    ///   - urgency: What a second of waiting for it was worth.
    mutating func noteUse(
        at time: Double,
        run: Double,
        bin: Int,
        runBin: Int,
        after elapsed: Double,
        urgency: Double
    ) {
        self.urgency += (urgency - self.urgency) * Self.urgencyStep
        gaps.add(toBin: bin)
        if gaps.total > Self.gapsBeforeFading { gaps.fade(to: 0.5) }
        runGaps.add(toBin: runBin)
        if runGaps.total > Self.gapsBeforeFading { runGaps.fade(to: 0.5) }
        decay(over: elapsed)
        lastUse = time
        lastRun = run
    }

    private mutating func decay(over elapsed: Double) {
        guard elapsed > 0.5 else {
            // The exponential series to the third power: off by less than a ten-billionth.
            let x = Self.decayRates * elapsed
            rates = rates * (1 - x * (1 - x * (0.5 - x / 6))) + Self.decayRates
            return
        }
        rates = rates * Self.decays(over: elapsed) + Self.decayRates
    }
}
