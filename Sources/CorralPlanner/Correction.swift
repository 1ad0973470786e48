public import CorralMemory

/// What live processes of one model, loaded in one way, were found to hold for themselves.
public struct Correction: Codable, Hashable, Sendable {
    /// When a process was measured.
    public enum Moment: String, CaseIterable, Codable, Hashable, Sendable {
        /// Once it was loaded: what a batch is computed in is not all there yet.
        case loaded
        /// After it computed a batch as large as its largest.
        case fullBatch = "full_batch"
    }

    /// What one process was found to hold.
    private struct Reading: Codable, Hashable, Sendable {
        /// Bytes by the names of their domains.
        var bytes: [String: Int64]
        /// The tokens of its context that had been filled.
        var filledTokens: Int
        /// What it would have touched besides with the whole context filled.
        var untouched: Int64
    }

    /// The latest measurements at each moment.
    private var readings: [String: [Reading]] = [:]

    /// The host bytes of the plan that were known to the byte or bounded by a buffer's size: what
    /// was measured above them is the rest, which other ways of loading the model have too.
    public private(set) var known: Int64 = 0

    /// How many measurements are kept: the largest of so many counts, and older ones are forgotten.
    public static let capacity = 5

    /// No measurements.
    public init() {}

    /// Adds a measurement.
    ///
    /// - Parameters:
    ///   - measured: What the process held for itself, without pages of files.
    ///   - moment: When.
    ///   - filledTokens: The most tokens that a conversation had had by then.
    ///   - plan: What was planned for it.
    public mutating func record(
        _ measured: DomainBytes,
        at moment: Moment,
        filledTokens: Int,
        planned plan: MemoryPlan
    ) {
        let reading = Reading(
            bytes: measured.domains.reduce(into: [:]) { amounts, domain in
                amounts["\(domain)"] = measured[domain].rawValue
            },
            filledTokens: filledTokens,
            untouched: plan.untouched(after: filledTokens).rawValue
        )
        let kept = readings[moment.rawValue, default: []].suffix(Self.capacity - 1)
        readings[moment.rawValue] = kept + [reading]
        known = (plan.knownOnHost + plan.checkpoint).rawValue
    }

    /// The most that a process held at a moment or would have held with its context filled, domain
    /// by domain; `nil` where nothing was measured.
    ///
    /// - Parameter moment: When.
    /// - Returns: What processes hold for themselves.
    public func most(at moment: Moment) -> DomainBytes? {
        guard let kept = readings[moment.rawValue], !kept.isEmpty else { return nil }
        return kept.reduce(.zero) { most, reading in
            let untouched = DomainBytes.host(ByteCount(max(0, reading.untouched)))
            return most.union(Self.bytes(reading.bytes) + untouched)
        }
    }

    /// How many tokens of its context the process measured last had filled.
    ///
    /// - Parameter moment: When.
    /// - Returns: Tokens; `nil` where nothing was measured.
    public func filledTokens(at moment: Moment) -> Int? {
        readings[moment.rawValue]?.last?.filledTokens
    }

    /// How often it was measured at a moment, as far as that is kept.
    ///
    /// - Parameter moment: When.
    /// - Returns: At most ``capacity``.
    public func count(at moment: Moment) -> Int { readings[moment.rawValue]?.count ?? 0 }

    private static func bytes(_ reading: [String: Int64]) -> DomainBytes {
        reading.reduce(into: DomainBytes.zero) { bytes, amount in
            // A name or a number that makes no sense was written by something else.
            guard let domain = MemoryDomain(parsing: amount.key), amount.value > 0 else { return }
            bytes[domain] = ByteCount(amount.value)
        }
    }
}
