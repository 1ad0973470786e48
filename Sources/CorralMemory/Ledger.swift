/// The reservations of all models, with shared parts counted once.
///
/// The ledger records; it does not judge. Whether a reservation may be made is
/// the cache's decision, asked beforehand through ``adding(_:)``. Sums are exact as
/// long as they fit 64 bits, which reservations within a budget always do.
public struct Ledger<Holder: Hashable & Sendable>: Sendable {
    private struct Part: Sendable {
        /// What each holder says the part takes.
        var claims: [Holder: DomainBytes] = [:]
        /// The largest claim in each domain.
        var bytes = DomainBytes.zero

        /// The largest claim in each domain of the holders that `stay` keeps.
        func largest(where stay: (Holder) -> Bool) -> DomainBytes {
            claims.reduce(.zero) { stay($1.key) ? $0.union($1.value) : $0 }
        }
    }

    private var footprints: [Holder: Footprint] = [:]
    private var parts: [String: Part] = [:]

    /// The memory reserved by all holders together.
    public private(set) var reserved = DomainBytes.zero

    /// What of ``reserved`` is exclusive to one holder each, the rest being mapped
    /// parts that holders may share.
    public private(set) var reservedExclusive = DomainBytes.zero

    /// Creates an empty ledger.
    public init() {}

    /// The footprint `holder` has reserved, if any.
    public func footprint(of holder: Holder) -> Footprint? {
        footprints[holder]
    }

    /// What reserving `footprint` for a new holder would add, with shared parts that
    /// are already held counted only for what they grow.
    public func adding(_ footprint: Footprint) -> DomainBytes {
        footprint.mergedParts.reduce(footprint.exclusive) { sum, part in
            sum + part.value.excess(over: parts[part.key]?.bytes ?? .zero)
        }
    }

    /// What releasing all of `holders` together would return.
    ///
    /// A shared part counts only for what none of its other holders has named.
    public func returned(byReleasing holders: some Sequence<Holder>) -> DomainBytes {
        let leaving = Set(holders)
        var touched: Set<String> = []
        var result = DomainBytes.zero
        for holder in leaving {
            guard let footprint = footprints[holder] else { continue }
            result += footprint.exclusive
            for part in footprint.shared { touched.insert(part.name) }
        }
        for name in touched {
            guard let part = parts[name] else { continue }
            result += part.bytes - part.largest { !leaving.contains($0) }
        }
        return result
    }

    /// A lower bound on what releasing `holder` would return in `domain`, whoever else leaves.
    ///
    /// Takes constant time for each of its parts. Counts a shared part only where nobody else
    /// holds it.
    ///
    /// - Parameters:
    ///   - holder: Who would leave.
    ///   - domain: Where the bytes are wanted.
    ///   - kept: Parts that are wanted again at once and so would return nothing.
    /// - Returns: The bytes, zero for who holds nothing.
    public func leastReturned(
        byReleasing holder: Holder,
        in domain: MemoryDomain,
        keeping kept: [SharedPart] = []
    ) -> ByteCount {
        guard let footprint = footprints[holder] else { return .zero }
        var result = footprint.exclusive[domain]
        var counted: Set<String> = []
        for shared in footprint.shared {
            guard let part = parts[shared.name], part.claims.count == 1,
                !kept.contains(where: { $0.name == shared.name }),
                counted.insert(shared.name).inserted
            else { continue }
            result += part.bytes[domain]
        }
        return result
    }

    /// Records that `holder` holds `footprint`, in place of what it held.
    ///
    /// A shared part takes the largest size any present holder has named.
    public mutating func reserve(_ footprint: Footprint, for holder: Holder) {
        release(holder)
        footprints[holder] = footprint
        reserved += footprint.exclusive
        reservedExclusive += footprint.exclusive
        for (name, bytes) in footprint.mergedParts {
            let held = parts[name]?.bytes ?? .zero
            let grown = held.union(bytes)
            reserved += grown - held
            parts[name, default: Part()].claims[holder] = bytes
            parts[name]?.bytes = grown
        }
    }

    /// Returns everything `holder` holds; nothing happens if it holds nothing.
    public mutating func release(_ holder: Holder) {
        guard let footprint = footprints.removeValue(forKey: holder) else { return }
        reserved -= footprint.exclusive
        reservedExclusive -= footprint.exclusive
        for name in footprint.mergedParts.keys {
            guard var part = parts[name] else { continue }
            part.claims[holder] = nil
            let left = part.largest { _ in true }
            reserved -= part.bytes - left
            part.bytes = left
            parts[name] = part.claims.isEmpty ? nil : part
        }
    }
}
