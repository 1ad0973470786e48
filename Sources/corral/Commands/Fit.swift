import CorralMemory
import CorralWire

/// Whether a model's memory can be had.
enum Fit: String, Encodable, Sendable {
    /// The model is in memory already.
    case resident
    /// The memory is free: no other model has to leave.
    case now
    /// The memory is free once models that are not pinned have left.
    case evicting
    /// The memory is free once other programs, or pinned models, give it back.
    case later
    /// The model takes more than all models together may hold.
    case never

    /// Decides.
    ///
    /// - Parameters:
    ///   - planned: What the model takes.
    ///   - budget: What models may hold together.
    ///   - limit: The part of the budget that is left while other programs hold what they do.
    ///   - reserved: The memory that models hold now.
    ///   - pinned: The part of that memory that pinned models hold.
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

/// The memory that models can be given now, as a daemon tells it or as the machine has it.
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

    /// The memory as a daemon reports it.
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
