import CorralMemory
import CorralWire

/// Whether a model's memory can be had.
enum Fit: String, Encodable, Sendable {
    /// It is there already.
    case resident
    /// Nothing has to leave.
    case now
    /// Once models that are not pinned have left.
    case evicting
    /// Once other programs give memory back, or pins do.
    case later
    /// It takes more than models may hold.
    case never

    /// Decides.
    ///
    /// - Parameters:
    ///   - planned: What the model takes.
    ///   - budget: What models may hold together.
    ///   - limit: What of that they can have while other programs hold what they do.
    ///   - reserved: What models hold now.
    ///   - pinned: What of that no model gives back.
    init(
        _ planned: DomainBytes,
        budget: DomainBytes,
        limit: DomainBytes,
        reserved: DomainBytes = .zero,
        pinned: DomainBytes = .zero
    ) {
        if !planned.fits(in: budget) {
            self = .never
        } else if (planned + reserved).fits(in: limit) {
            self = .now
        } else {
            self = (planned + pinned).fits(in: limit) ? .evicting : .later
        }
    }
}

/// What models can be given now: as a daemon tells, or as the machine is.
struct MemoryNow: Sendable {
    var budget: DomainBytes
    var limit: DomainBytes
    var reserved = DomainBytes.zero
    var pinned = DomainBytes.zero

    /// The machine's memory, where no daemon runs.
    init(budget: DomainBytes, available: DomainBytes) {
        self.budget = budget
        limit = budget.domains.reduce(into: .zero) { limit, domain in
            limit[domain] = min(budget[domain], available[domain])
        }
    }

    /// What a daemon says.
    init(_ status: DaemonStatus) {
        func bytes(_ counts: DomainCounts) -> DomainBytes {
            counts.pairs.reduce(into: .zero) { result, entry in
                if let domain = MemoryDomain(parsing: entry.domain) {
                    result[domain] += ByteCount(entry.bytes)
                }
            }
        }
        budget = bytes(status.memory.budget)
        limit = bytes(status.memory.limit)
        reserved = bytes(status.memory.reserved)
        pinned = status.models.filter(\.pinned).reduce(.zero) { sum, model in
            sum + bytes(model.reserved?.total ?? [:])
        }
    }

    /// Whether a model's memory can be had.
    func fit(_ planned: DomainBytes) -> Fit {
        Fit(planned, budget: budget, limit: limit, reserved: reserved, pinned: pinned)
    }
}
