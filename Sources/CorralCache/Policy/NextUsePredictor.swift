/// Learns how soon a model will be used again from what is known of its past.
///
/// The logarithm of the time to the next use, in turnovers of the cache, is a linear function of
/// eight logarithms; its weights come from recursive least squares (Plackett, Biometrika 37, 1950)
/// over what happened since. It starts from fixed weights, so it never has to be trained first.
struct NextUsePredictor: Hashable, Sendable, Codable {
    /// What the prediction is made from.
    ///
    /// It is 1; the rate of the gaps in time; five decayed rates of use; the rate of the gaps in
    /// runs. All but the first are logarithms of expected uses per turnover.
    typealias Features = SIMD8<Double>

    private var weights: Features
    /// The inverse of the information gathered so far.
    private var covariance: [Features]

    /// Creates a predictor that knows only the fixed weights.
    init() {
        weights = Self.initialWeights
        covariance = (0..<8).map { row in
            var unit = Features.zero
            unit[row] = 1
            return unit
        }
    }

    /// What is believed before anything is learned, and to a quarter ever after: docs/policy.md.
    private static let initialWeights = Features(0, 0.7, 0, 0, 0.15, 0.15, 0, 0)

    /// How much of the belief stays, whatever was learned.
    private static let beliefShare = 0.25

    /// The logarithm of the rate of the next use, per turnover.
    func prediction(_ features: Features) -> Double {
        let learned = (weights * features).sum()
        let believed = (Self.initialWeights * features).sum()
        return (1 - Self.beliefShare) * learned + Self.beliefShare * believed
    }

    /// Learns that a model with these features was used again after so many turnovers.
    mutating func learn(_ features: Features, turnovers: Double) {
        // A hundredth of a turnover is as good as at once.
        let observed = -ElementaryFunctions.logarithm(turnovers + 0.01)
        let error = observed - (weights * features).sum()
        var gain = Features.zero
        for row in 0..<8 { gain[row] = (covariance[row] * features).sum() }
        let denominator = 1 + (features * gain).sum()
        for row in 0..<8 { covariance[row] -= gain * (gain[row] / denominator) }
        weights += gain * (error / denominator)
    }

    /// Whether every number is one; a damaged file may say otherwise.
    var isSound: Bool {
        covariance.count == 8
            && ([weights] + covariance).allSatisfy { row in
                (0..<8).allSatisfy { row[$0].isFinite }
            }
    }
}
