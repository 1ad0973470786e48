/// Round numbers along an axis.
enum AxisTicks {
    /// Multiples of one, two or five times a power of ten, about `count` of them.
    static func round(upTo end: Double, count: Int) -> [Double] {
        guard end > 0, end.isFinite, count > 0 else { return [0] }
        let rough = end / Double(count)
        var power = 1.0
        while power * 10 <= rough { power *= 10 }
        while power > rough { power /= 10 }
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? power * 10
        return multiples(of: step, upTo: end)
    }

    /// Whole seconds, minutes, hours or days, at most `count` and the beginning.
    static func times(upTo end: Double, count: Int) -> [(seconds: Double, label: String)] {
        let units: [(seconds: Double, sign: String, steps: [Double])] = [
            (1, "s", [1, 2, 5, 10, 15, 30]), (60, "min", [1, 2, 5, 10, 15, 30]),
            (3600, "h", [1, 2, 3, 6, 12]), (86_400, "d", [1, 2, 5, 7, 14, 28, 56, 112, 365]),
        ]
        for unit in units {
            for step in unit.steps where end / (step * unit.seconds) <= Double(max(1, count)) {
                return multiples(of: step * unit.seconds, upTo: end).map {
                    ($0, "\(Int(($0 / unit.seconds).rounded())) \(unit.sign)")
                }
            }
        }
        return [(0, "0 d"), (end, "\(Int((end / 86_400).rounded())) d")]
    }

    private static func multiples(of step: Double, upTo end: Double) -> [Double] {
        (0...Int(end / step + 1e-9)).map { Double($0) * step }
    }
}
