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
    /// Uses per second, decayed with each of ``halfLives``, as of the last use.
    var rates = SIMD8<Double>.zero

    /// From a minute to two days: a conversation, an afternoon, a day, a week's habit.
    static let halfLives: [Double] = [60, 600, 3600, 21_600, 172_800]

    init(usedAt time: Double, run: Double) {
        lastUse = time
        lastRun = run
        note(after: 0)
    }

    /// Counts a use, `elapsed` seconds after the one before.
    mutating func note(after elapsed: Double) {
        for (index, halfLife) in Self.halfLives.enumerated() {
            let left = ElementaryFunctions.decay(over: elapsed, halfLife: halfLife)
            rates[index] = rates[index] * left + ElementaryFunctions.logarithmOfTwo / halfLife
        }
    }
}
