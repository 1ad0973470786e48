/// Finds the largest of the whole numbers that fit, given that none fits above one that does not.
///
/// What is asked about is chosen by drawing a line through what the two nearest answers left over,
/// for memory grows almost as a line does; every third question halves what is left, so that no
/// shape takes more than three times the questions of plain halving.
struct ContextBisection: Sendable {
    private var low: (value: Int, slack: Int64)?
    private var high: (value: Int, slack: Int64)?
    private let least: Int
    private let most: Int
    private let hint: Int
    private(set) var questions = 0

    /// Prepares a search from `least` to `most`.
    ///
    /// - Parameters:
    ///   - least: The least that is asked about.
    ///   - most: The most that is asked about.
    ///   - hint: Where the answer is thought to be.
    init(least: Int, most: Int, hint: Int) {
        self.least = least
        self.most = max(least, most)
        self.hint = min(max(hint, least), self.most)
    }

    /// The largest number known to fit.
    var best: Int? { low?.value }

    /// The number to ask about next; `nil` when the answer is known.
    var next: Int? {
        switch (low, high) {
        case (nil, nil): return hint
        case (nil, let high?):
            return high.value == least ? nil : max(least, high.value - 1 - reach)
        case (let low?, nil):
            return low.value == most ? nil : min(most, low.value + 1 + reach)
        case (let low?, let high?):
            let gap = high.value - low.value
            guard gap > 1 else { return nil }
            guard questions % 3 != 2 else { return low.value + gap / 2 }
            let share = Double(low.slack) / (Double(low.slack) - Double(high.slack))
            return low.value + min(max(Int(Double(gap) * share), 1), gap - 1)
        }
    }

    /// How far one goes while all answers are on one side: twice as far each time.
    private var reach: Int { questions < 2 ? 0 : 1 << min(3 * questions - 4, 30) }

    /// Takes an answer.
    ///
    /// - Parameters:
    ///   - value: The number that was asked about.
    ///   - slack: What it leaves over; negative where it does not fit.
    mutating func record(_ value: Int, slack: Int64) {
        questions += 1
        if slack >= 0 {
            if value > low?.value ?? .min { low = (value, slack) }
        } else if value < high?.value ?? .max {
            high = (value, slack)
        }
    }
}
