/// How long a model may stay resident with no lease.
///
/// It is a cap on idle time, never a claim on memory: only a pin protects from
/// eviction.
public enum KeepAlive: Hashable, Sendable {
    /// Unload after this long without a lease; zero unloads as the last lease ends.
    case idle(Duration)
    /// Stay until the memory is needed.
    case untilEvicted

    /// Reads `0`, `300`, `5m`, `1h30m`, `250ms` or a negative number, as Ollama's
    /// `keep_alive` is written; any negative value means until evicted.
    ///
    /// - Returns: `nil` when `text` is none of these.
    public init?(parsing text: some StringProtocol) {
        if let seconds = Double(text) {
            self.init(seconds: seconds)
            return
        }
        let isNegative = text.hasPrefix("-")
        var rest = isNegative ? text.dropFirst() : text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let scale = Self.secondsPerUnit[String(unit)] else {
                return nil
            }
            total += value * scale
        }
        self.init(seconds: isNegative ? -total : total)
    }

    /// Creates a keep-alive of `seconds`; negative or not finite means until evicted.
    public init(seconds: Double) {
        // A century is beyond any process and far from overflowing a Duration.
        self = seconds < 0 || !(seconds < 3.2e9) ? .untilEvicted : .idle(.seconds(seconds))
    }

    private static let secondsPerUnit: [String: Double] = [
        "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400,
    ]
}

extension KeepAlive: CustomStringConvertible {
    /// `until evicted`, or the duration.
    public var description: String {
        switch self {
        case .idle(let duration): "\(duration)"
        case .untilEvicted: "until evicted"
        }
    }
}
