/// How long a model may stay resident with no lease.
///
/// It is a cap on idle time, never a claim on memory: only a pin protects from
/// eviction.
public enum KeepAlive: Hashable, Sendable {
    /// Unload after this long without a lease; zero unloads as the last lease ends.
    case idle(Duration)
    /// Stay until the memory is needed.
    case untilEvicted
    /// Unload after a time proportional to what bringing it back costs for each GB: one second
    /// of reloading is worth this many GB·s of idle memory.
    ///
    /// As who rents until the rent has reached the price (ski rental): it never costs more than
    /// twice what knowing the future would.
    case skiRental(gigabyteSeconds: Double)

    /// For a machine that people also use for other things: an 8 GB model that loads in 5 s stays
    /// for ten minutes (docs/policy.md).
    public static let sharedDesktop = KeepAlive.skiRental(gigabyteSeconds: 1000)

    /// Reads a time as Ollama's `keep_alive` is written: `0`, `300`, `5m`, `1h30m`, `250ms`.
    ///
    /// Any negative value means until evicted; `auto` is ``sharedDesktop``.
    ///
    /// - Returns: `nil` when `text` is none of these.
    public init?(parsing text: some StringProtocol) {
        if text == "auto" {
            self = .sharedDesktop
            return
        }
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
    /// `until evicted`, `auto`, or the duration.
    public var description: String {
        switch self {
        case .idle(let duration): "\(duration)"
        case .untilEvicted: "until evicted"
        case .sharedDesktop: "auto"
        case .skiRental(let gigabyteSeconds): "auto, \(gigabyteSeconds) GB·s for a second"
        }
    }
}
