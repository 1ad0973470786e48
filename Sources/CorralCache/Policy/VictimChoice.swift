import CorralMemory

/// Finds the victims that cost least, given what each is worth.
///
/// Where one domain is short, victims are packed: those well below the price of what would be
/// evicted anyway go first, and what is still missing is covered at least worth (the covering
/// knapsack by dynamic programming; Kellerer, Pferschy and Pisinger, "Knapsack Problems", 2004).
/// Otherwise, and where packing fails, victims are taken in order of worth per byte until nothing
/// is short. Either way, what turns out not to be needed is given back.
package struct VictimChoice {
    /// A candidate and what losing it costs.
    package struct Priced {
        package var candidate: EvictionCandidate
        package var worth: Double
        /// What it frees for sure, as a share of what is short.
        var share = 0.0

        /// What losing it costs for what it frees.
        var density: Double { share > 0 ? worth / share : .infinity }

        package init(candidate: EvictionCandidate, worth: Double) {
            self.candidate = candidate
            self.worth = worth
        }
    }

    private let need: EvictionNeed
    private let certainShare: Double
    private let shortfall: DomainBytes
    private let domains: [MemoryDomain]

    /// Prepares a choice.
    package init(_ need: EvictionNeed, certainShare: Double = Self.certainShare) {
        self.certainShare = certainShare
        self.need = need
        shortfall = need.shortfall(in: need.ledger)
        domains = shortfall.domains
    }

    /// Whether nothing has to go.
    package var isSatisfied: Bool { domains.isEmpty }

    /// Below this share of the price of the costliest that greed would take, a victim goes
    /// whatever else does: the space it leaves over is worth that much to later loads. Tighter
    /// packing costs more, and so does none (docs/policy.md).
    package static let certainShare = 0.65

    /// Into how many units what is missing is divided; rounding wastes at most one for each victim.
    private static let units = 256

    /// The victims, cheapest first.
    package func cheapest(_ candidates: [Priced]) -> [Priced] {
        let sorted = candidates.map(measured).sorted(by: precedes)
        let isIdle = sorted.allSatisfy { $0.candidate.leases == 0 }
        if domains.count == 1, isIdle, let (certain, cover) = packed(sorted) {
            return certain + needed(cover, beside: certain)
        }
        return needed(inOrder(sorted), beside: [])
    }

    private func measured(_ candidate: Priced) -> Priced {
        var result = candidate
        result.share = domains.reduce(0) { sum, domain in
            let freed = need.ledger.leastReturned(
                byReleasing: candidate.candidate.model,
                in: domain,
                keeping: need.incoming?.shared ?? []
            )
            return sum + Double(freed.rawValue) / Double(shortfall[domain].rawValue)
        }
        return result
    }

    /// Idle models before leased ones, then by density, then by age, larger ones first.
    private func precedes(_ lhs: Priced, _ rhs: Priced) -> Bool {
        let isLeased = (lhs.candidate.leases > 0, rhs.candidate.leases > 0)
        if isLeased.0 != isLeased.1 { return isLeased.1 }
        if lhs.density != rhs.density { return lhs.density < rhs.density }
        if lhs.candidate.lastUsed != rhs.candidate.lastUsed {
            return lhs.candidate.lastUsed < rhs.candidate.lastUsed
        }
        if lhs.share != rhs.share { return lhs.share > rhs.share }
        return lhs.candidate.model < rhs.candidate.model
    }

    // MARK: Packing

    /// The cheapest set in the one domain that is short; `nil` where shares alone do not reach.
    private func packed(_ sorted: [Priced]) -> (certain: [Priced], cover: [Priced])? {
        var freed = 0.0
        var price: Double?
        for victim in sorted where victim.share > 0 {
            freed += victim.share
            if freed >= 1 {
                price = victim.density
                break
            }
        }
        guard let price else { return nil }
        let floor = certainShare * price
        // Sorted, so those that go for certain stand first; together they are not enough.
        let certain = sorted.prefix { $0.density < floor }
        let missing = 1 - certain.reduce(0) { $0 + $1.share }
        let open = sorted.dropFirst(certain.count).filter { $0.share > 0 }
        guard missing > 0, let cover = cover(open, missing: missing, floor: floor) else {
            return nil
        }
        return (Array(certain), cover)
    }

    /// The cheapest of `open` that together free `missing`, above a floor for their price.
    private func cover(_ open: [Priced], missing: Double, floor: Double) -> [Priced]? {
        let width = Self.units + 1
        let sizes = open.map { Int(min(1, $0.share / missing) * Double(Self.units)) }
        // rows[i] is the least cost of each amount with the first i victims.
        var rows = [Float](repeating: .infinity, count: width * (open.count + 1))
        rows[0] = 0
        for (index, victim) in open.enumerated() {
            let (row, next) = (index * width, (index + 1) * width)
            let cost = Float(max(0, victim.worth - floor * victim.share))
            let size = sizes[index]
            for amount in 0..<width { rows[next + amount] = rows[row + amount] }
            guard size > 0 else { continue }
            for amount in size..<width {
                rows[next + amount] = min(rows[next + amount], rows[row + amount - size] + cost)
            }
            // More than what is missing counts as what is missing.
            for amount in (Self.units - size)..<Self.units {
                rows[next + Self.units] = min(rows[next + Self.units], rows[row + amount] + cost)
            }
        }
        var amount = Self.units
        guard rows[open.count * width + amount].isFinite else { return nil }
        var chosen: [Priced] = []
        for index in open.indices.reversed() {
            let (row, next) = (index * width, (index + 1) * width)
            guard rows[next + amount] != rows[row + amount] else { continue }
            chosen.append(open[index])
            let cost = Float(max(0, open[index].worth - floor * open[index].share))
            let lowest = max(0, amount - sizes[index])
            let highest = amount == Self.units ? Self.units - 1 : lowest
            amount = (lowest...highest).first { rows[row + $0] + cost == rows[next + amount] } ?? 0
        }
        return chosen.reversed()
    }

    // MARK: Greed

    /// Takes victims in order until nothing is short, passing over those that do not help.
    private func inOrder(_ sorted: [Priced]) -> [Priced] {
        let order = need.victims(inOrder: sorted.map(\.candidate.model))
        let byModel = Dictionary(
            sorted.map { ($0.candidate.model, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return order.compactMap { byModel[$0] }
    }

    /// The victims without those that need not go after all, the most valuable first.
    private func needed(_ victims: [Priced], beside certain: [Priced]) -> [Priced] {
        var ledger = need.ledger
        for victim in certain + victims { ledger.release(victim.candidate.model) }
        guard need.shortfall(in: ledger) == .zero else { return victims }
        var kept: Set<ModelID> = []
        // A leased model stays before any idle one does.
        let dearest = victims.sorted {
            ($0.candidate.leases > 0 ? 1 : 0, $0.worth, $1.candidate.model)
                > ($1.candidate.leases > 0 ? 1 : 0, $1.worth, $0.candidate.model)
        }
        for victim in dearest {
            let model = victim.candidate.model
            guard let footprint = need.ledger.footprint(of: model) else { continue }
            ledger.reserve(footprint, for: model)
            if need.shortfall(in: ledger) == .zero {
                kept.insert(model)
            } else {
                ledger.release(model)
            }
        }
        return victims.filter { !kept.contains($0.candidate.model) }
    }
}

extension EvictionNeed {
    /// The first of `models` whose release leaves nothing short.
    ///
    /// Passes over those whose release does not help, unless only together with others: the
    /// holders of one shared part. Each model costs one release, and one reservation if it stays.
    func victims(inOrder models: [ModelID]) -> [ModelID] {
        var ledger = ledger
        var shortfall = shortfall(in: ledger)
        var victims: [ModelID] = []
        var passedOver: [ModelID] = []
        for model in models where shortfall != .zero {
            guard let footprint = ledger.footprint(of: model) else { continue }
            ledger.release(model)
            let remaining = self.shortfall(in: ledger)
            if remaining == shortfall {
                ledger.reserve(footprint, for: model)
                passedOver.append(model)
            } else {
                shortfall = remaining
                victims.append(model)
            }
        }
        for model in passedOver where shortfall != .zero {
            ledger.release(model)
            shortfall = self.shortfall(in: ledger)
            victims.append(model)
        }
        return victims
    }
}
