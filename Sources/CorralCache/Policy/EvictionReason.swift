public import CorralMemory

/// Why one model was chosen to go rather than another; becomes a sentence when it is printed.
public struct EvictionReason: Hashable, Sendable {
    /// How it was chosen.
    public enum Rule: Hashable, Sendable {
        /// The model was used longest ago.
        case leastRecentlyUsed
        /// The model is cheapest to do without.
        case leastWorthKeeping
        /// For the reason that these words give.
        case other(String)
    }

    /// How it was chosen.
    public var rule: Rule
    /// The time since its last use, in seconds.
    public var idleSeconds: Double
    /// How long it takes to bring back, in seconds, where that mattered.
    public var reloadSeconds: Double
    /// How long it will probably take until it is used again, in seconds, where that mattered.
    public var secondsToNextUse: Double
    /// The memory that the model holds.
    public var bytes: ByteCount

    /// Creates a reason.
    public init(
        _ rule: Rule,
        idleSeconds: Double = 0,
        reloadSeconds: Double = 0,
        secondsToNextUse: Double = 0,
        bytes: ByteCount = .zero
    ) {
        self.rule = rule
        self.idleSeconds = idleSeconds
        self.reloadSeconds = reloadSeconds
        self.secondsToNextUse = secondsToNextUse
        self.bytes = bytes
    }
}

extension EvictionReason: ExpressibleByStringLiteral {
    /// Creates a reason that is these words.
    public init(stringLiteral words: String) {
        self.init(.other(words))
    }
}

extension EvictionReason: CustomStringConvertible {
    /// A few words: `least recently used, 320 s ago`.
    public var description: String {
        switch rule {
        case .leastRecentlyUsed: return "least recently used, \(Int(clamped(idleSeconds))) s ago"
        case .leastWorthKeeping:
            let tenths = Int((clamped(reloadSeconds) * 10).rounded())
            return """
                least worth keeping: \(tenths / 10).\(tenths % 10) s to reload, next use expected \
                in about \(brief(clamped(secondsToNextUse))), holds \(bytes)
                """
        case .other(let words): return words
        }
    }

    /// The seconds, at least zero and few enough to fit an integer.
    private func clamped(_ seconds: Double) -> Double {
        seconds.isFinite ? min(max(seconds, 0), 1e9) : 1e9
    }

    private func brief(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3600)) h"
        default: "\(Int(min(seconds / 86_400, 1e6))) days"
        }
    }
}
