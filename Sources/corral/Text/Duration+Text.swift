import CorralCache

extension Duration {
    /// The seconds, with their fraction.
    var inSeconds: Double {
        let parts = components
        return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    }

    /// The time for people: `350ms`, `12s`, `3m 20s`, `2h 5m`, `4d 3h`.
    var brief: String {
        guard self >= .seconds(1) else { return "\(Int((inSeconds * 1000).rounded()))ms" }
        let seconds = Int(inSeconds.rounded())
        func pair(_ large: Int, _ unit: String, _ small: Int, _ smaller: String) -> String {
            small == 0 ? "\(large)\(unit)" : "\(large)\(unit) \(small)\(smaller)"
        }
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: pair(seconds / 60, "m", seconds % 60, "s")
        case ..<86_400: pair(seconds / 3600, "h", seconds % 3600 / 60, "m")
        default: pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
        }
    }
}
