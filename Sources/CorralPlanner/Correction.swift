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

    /// The latest measurements at each moment, in bytes by the names of their domains.
    private var readings: [String: [[String: Int64]]] = [:]

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
    ///   - plan: What was planned for it.
    public mutating func record(
        _ measured: DomainBytes,
        at moment: Moment,
        planned plan: MemoryPlan
    ) {
        let reading = measured.domains.reduce(into: [:]) { amounts, domain in
            amounts["\(domain)"] = measured[domain].rawValue
        }
        let kept = readings[moment.rawValue, default: []].suffix(Self.capacity - 1)
        readings[moment.rawValue] = kept + [reading]
        known = (plan.knownOnHost + plan.checkpoint).rawValue
    }

    /// The most that was measured at a moment, domain by domain; `nil` where nothing was.
    ///
    /// - Parameter moment: When.
    /// - Returns: What processes held for themselves.
    public func most(at moment: Moment) -> DomainBytes? {
        guard let kept = readings[moment.rawValue], !kept.isEmpty else { return nil }
        return kept.reduce(.zero) { most, reading in
            most.union(Self.bytes(reading))
        }
    }

    /// The last measurement at a moment.
    ///
    /// - Parameter moment: When.
    /// - Returns: What the process held for itself; `nil` where nothing was measured.
    public func last(at moment: Moment) -> DomainBytes? {
        readings[moment.rawValue]?.last.map(Self.bytes)
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
