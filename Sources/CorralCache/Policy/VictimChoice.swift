import CorralMemory

/// Finds the victims that cost least, given what each is worth.
///
/// Where one domain is short, victims are packed: those well below the price of what would be
/// evicted anyway go first, and what is still missing is covered at least worth (the covering
/// knapsack by dynamic programming; Kellerer, Pferschy and Pisinger, "Knapsack Problems", 2004).
/// Otherwise, and where packing fails, victims are taken in order of worth per byte until nothing
/// is short. Either way, what turns out not to be needed is given back.
package struct VictimChoice {
    /// What losing a candidate costs and frees: small, for these are sorted and copied.
    private struct Offer {
        /// The candidate's position in the need.
        var position: Int
        var isLeased: Bool
        var lastUsed: CacheInstant
        var worth: Double
        /// What it frees for sure, as a share of what is short.
        var share: Double

        /// The cost of losing the model for each share of the shortfall that it frees.
        var density: Double { share > 0 ? worth / share : .infinity }
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

    /// The share of the marginal price below which a victim goes whatever else does.
    ///
    /// The marginal price is that of the costliest victim that greed would take. The space that
    /// is left over is worth something to later loads: tighter packing costs more, and so does
    /// none (docs/policy.md).
    package static let certainShare = 0.6

    /// Into how many units what is missing is divided; rounding wastes at most one for each victim.
    private static let units = 256

    /// The victims, cheapest first; where two are alike, the one used longest ago.
    ///
    /// - Parameter worths: What losing each of the need's candidates costs, in their order.
    /// - Returns: The positions of the candidates that have to go.
    package func cheapest(worths: [Double]) -> [Int] {
        let sorted = offers(worths: worths)
        // The offers are sorted: a leased model, if there is one, stands last.
        let isIdle = sorted.last?.isLeased == false
        if domains.count == 1, isIdle, let (certain, cover) = packed(sorted) {
            return (certain + needed(cover, beside: certain)).map(\.position)
        }
        return needed(inOrder(sorted), beside: []).map(\.position)
    }

    /// Idle models before leased ones, then by density, by age, and by name.
    private func offers(worths: [Double]) -> [Offer] {
        let kept = need.incoming?.shared ?? []
        let offers = need.candidates.indices.map { position in
            let candidate = need.candidates[position]
            let share = domains.reduce(0) { sum, domain in
                let freed = need.ledger.leastReturned(
                    byReleasing: candidate.model,
                    in: domain,
                    keeping: kept
                )
                return sum + Double(freed.rawValue) / Double(shortfall[domain].rawValue)
            }
            return Offer(
                position: position,
                isLeased: candidate.leases > 0,
                lastUsed: candidate.lastUsed,
                worth: worths[position],
                share: share
            )
        }
        return offers.sorted {
            ($0.isLeased ? 1 : 0, $0.density, $0.lastUsed, $0.position)
                < ($1.isLeased ? 1 : 0, $1.density, $1.lastUsed, $1.position)
        }
    }

    // MARK: Packing

    /// The cheapest set in the one domain that is short; `nil` where shares alone do not reach.
    private func packed(_ sorted: [Offer]) -> (certain: [Offer], cover: [Offer])? {
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

    /// The cheapest of `all` that together free `missing`, above a floor for their price.
    private func cover(_ all: [Offer], missing: Double, floor: Double) -> [Offer]? {
        let (units, width) = (Self.units, Self.units + 1)
        // A victim that alone costs more than all that greed would take is in no cheapest cover.
        var (greedyShare, greedyCost) = (0.0, 0.0)
        for victim in all where greedyShare < missing {
            greedyShare += victim.share
            greedyCost += max(0, victim.worth - floor * victim.share)
        }
        let open = all.filter { $0.worth - floor * $0.share <= greedyCost }
        /// The least that each amount costs with the victims so far.
        var costs = [Float](repeating: .infinity, count: width)
        costs[0] = 0
        /// For each victim and amount, one more than the amount before it, if it is taken.
        var before = [UInt16](repeating: 0, count: width * open.count)
        for (index, victim) in open.enumerated() {
            let size = Int(min(1, victim.share / missing) * Double(units))
            guard size > 0 else { continue }
            let cost = Float(max(0, victim.worth - floor * victim.share))
            // Downwards, so that no victim is taken twice; more than all counts as all.
            for amount in (units - size)..<units where costs[amount] + cost < costs[units] {
                costs[units] = costs[amount] + cost
                before[index * width + units] = UInt16(amount + 1)
            }
            for amount in stride(from: units - 1, through: size, by: -1)
            where costs[amount - size] + cost < costs[amount] {
                costs[amount] = costs[amount - size] + cost
                before[index * width + amount] = UInt16(amount - size + 1)
            }
        }
        guard costs[units].isFinite else { return nil }
        var amount = units
        var chosen: [Offer] = []
        for index in open.indices.reversed() {
            let previous = Int(before[index * width + amount])
            guard previous > 0 else { continue }
            chosen.append(open[index])
            amount = previous - 1
        }
        return chosen.reversed()
    }

    // MARK: Greed

    /// Takes victims in order until nothing is short, passing over those that do not help.
    private func inOrder(_ sorted: [Offer]) -> [Offer] {
        need.victims(inOrder: sorted.lazy.map { need.candidates[$0.position].model })
            .map { sorted[$0] }
    }

    /// The victims without those that need not go after all, the most valuable first.
    private func needed(_ victims: [Offer], beside certain: [Offer]) -> [Offer] {
        var ledger = need.ledger
        for victim in certain + victims { ledger.release(need.candidates[victim.position].model) }
        guard need.shortfall(in: ledger) == .zero else { return victims }
        var kept: Set<Int> = []
        // A leased model stays before any idle one does.
        let dearest = victims.sorted {
            ($0.isLeased ? 1 : 0, $0.worth, $1.position)
                > ($1.isLeased ? 1 : 0, $1.worth, $0.position)
        }
        for victim in dearest {
            let model = need.candidates[victim.position].model
            guard let footprint = need.ledger.footprint(of: model) else { continue }
            ledger.reserve(footprint, for: model)
            if need.shortfall(in: ledger) == .zero {
                kept.insert(victim.position)
            } else {
                ledger.release(model)
            }
        }
        return victims.filter { !kept.contains($0.position) }
    }
}

extension EvictionNeed {
    /// The first of `models` whose release leaves nothing short, by their positions.
    ///
    /// Passes over those whose release does not help, unless only together with others: the
    /// holders of one shared part. Each model costs one release, and one reservation if it stays.
    func victims(inOrder models: some Collection<ModelID>) -> [Int] {
        var ledger = ledger
        var shortfall = shortfall(in: ledger)
        var victims: [Int] = []
        var passedOver: [(position: Int, model: ModelID)] = []
        for (position, model) in models.enumerated() {
            guard shortfall != .zero else { return victims }
            guard let footprint = ledger.footprint(of: model) else { continue }
            ledger.release(model)
            let remaining = self.shortfall(in: ledger)
            if remaining == shortfall {
                ledger.reserve(footprint, for: model)
                passedOver.append((position, model))
            } else {
                shortfall = remaining
                victims.append(position)
            }
        }
        for (position, model) in passedOver where shortfall != .zero {
            ledger.release(model)
            shortfall = self.shortfall(in: ledger)
            victims.append(position)
        }
        return victims
    }
}
