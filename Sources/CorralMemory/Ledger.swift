/// The reservations of all models, with shared parts counted once.
///
/// The ledger records; it does not judge. Whether a reservation may be made is
/// the cache's decision, asked beforehand through ``adding(_:)``.
public struct Ledger<Holder: Hashable & Sendable>: Sendable {
    private struct Part: Sendable {
        var bytes: DomainBytes
        var holders: Int
    }

    private var footprints: [Holder: Footprint] = [:]
    private var parts: [String: Part] = [:]

    /// The memory reserved by all holders together.
    public private(set) var reserved = DomainBytes.zero

    /// Creates an empty ledger.
    public init() {}

    /// The footprint `holder` has reserved, if any.
    public func footprint(of holder: Holder) -> Footprint? {
        footprints[holder]
    }

    /// What reserving `footprint` now would add, with shared parts that are
    /// already held counted only for what they grow.
    public func adding(_ footprint: Footprint) -> DomainBytes {
        footprint.shared.reduce(footprint.exclusive) { sum, part in
            sum + part.bytes.excess(over: parts[part.name]?.bytes ?? .zero)
        }
    }

    /// What releasing all of `holders` together would return.
    ///
    /// A shared part counts only when every one of its holders is among them.
    public func returned(byReleasing holders: some Sequence<Holder>) -> DomainBytes {
        var leaving: [String: Int] = [:]
        var result = DomainBytes.zero
        for holder in holders {
            guard let footprint = footprints[holder] else { continue }
            result += footprint.exclusive
            for part in footprint.shared { leaving[part.name, default: 0] += 1 }
        }
        for (name, count) in leaving {
            if let part = parts[name], part.holders == count { result += part.bytes }
        }
        return result
    }

    /// Records that `holder` holds `footprint`, in place of what it held.
    ///
    /// A shared part keeps the largest size any present holder has named.
    public mutating func reserve(_ footprint: Footprint, for holder: Holder) {
        release(holder)
        footprints[holder] = footprint
        reserved += footprint.exclusive
        for part in footprint.shared {
            let held = parts[part.name] ?? Part(bytes: .zero, holders: 0)
            let grown = held.bytes.union(part.bytes)
            reserved += grown - held.bytes
            parts[part.name] = Part(bytes: grown, holders: held.holders + 1)
        }
    }

    /// Returns everything `holder` holds; nothing happens if it holds nothing.
    public mutating func release(_ holder: Holder) {
        guard let footprint = footprints.removeValue(forKey: holder) else { return }
        reserved -= footprint.exclusive
        for shared in footprint.shared {
            guard var part = parts[shared.name] else { continue }
            part.holders -= 1
            if part.holders == 0 {
                reserved -= part.bytes
                parts[shared.name] = nil
            } else {
                parts[shared.name] = part
            }
        }
    }
}
