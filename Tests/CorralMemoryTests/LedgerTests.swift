import CorralMemory
import Testing

@Suite struct LedgerTests {
    private func footprint(
        _ exclusive: Int64,
        weights: Int64...,
        named name: String = "w"
    ) -> Footprint {
        Footprint(
            exclusive: .host(ByteCount(exclusive)),
            shared: weights.map { SharedPart(name: name, bytes: .host(ByteCount($0))) }
        )
    }

    private func host(_ bytes: Int64) -> DomainBytes { .host(ByteCount(bytes)) }

    @Test func `two roles of one file hold its weights once`() {
        var ledger = Ledger<String>()
        ledger.reserve(footprint(10, weights: 100), for: "chat")
        #expect(ledger.adding(footprint(20, weights: 100)) == host(20))
        ledger.reserve(footprint(20, weights: 100), for: "embed")
        #expect(ledger.reserved == host(130))
        #expect(ledger.reservedExclusive == host(30))
        #expect(ledger.returned(byReleasing: ["chat"]) == host(10))
        #expect(ledger.returned(byReleasing: ["chat", "embed"]) == host(130))
        ledger.release("chat")
        #expect(ledger.reserved == host(120))
        ledger.release("embed")
        #expect(ledger.reserved == .zero)
        #expect(ledger.reservedExclusive == .zero)
    }

    @Test func `a shared part shrinks when the holder that named most of it leaves`() {
        var ledger = Ledger<String>()
        ledger.reserve(footprint(0, weights: 10), for: "small")
        ledger.reserve(footprint(0, weights: 20), for: "large")
        #expect(ledger.reserved == host(20))
        #expect(ledger.returned(byReleasing: ["large"]) == host(10))
        ledger.release("large")
        #expect(ledger.reserved == host(10))
    }

    @Test func `reserving again replaces what a holder held`() {
        var ledger = Ledger<String>()
        ledger.reserve(footprint(10, weights: 100), for: "a")
        ledger.reserve(footprint(7, weights: 60), for: "a")
        #expect(ledger.reserved == host(67))
        #expect(ledger.footprint(of: "a") == footprint(7, weights: 60))
    }

    @Test func `a part named twice and a holder listed twice count once`() {
        var ledger = Ledger<String>()
        let twice = footprint(1, weights: 50, 40)
        #expect(ledger.adding(twice) == host(51))
        ledger.reserve(twice, for: "a")
        #expect(ledger.reserved == host(51))
        #expect(ledger.returned(byReleasing: ["a", "a"]) == host(51))
        ledger.release("a")
        #expect(ledger.reserved == .zero)
    }

    @Test func `releasing a holder that holds nothing changes nothing`() {
        var ledger = Ledger<String>()
        ledger.reserve(footprint(3), for: "a")
        ledger.release("b")
        #expect(ledger.reserved == host(3))
        #expect(ledger.returned(byReleasing: ["b"]) == .zero)
        #expect(ledger.footprint(of: "b") == nil)
    }

    /// The same sums from the footprints alone, by definition.
    private func sum(_ footprints: [Int: Footprint]) -> DomainBytes {
        var parts: [String: DomainBytes] = [:]
        for part in footprints.values.flatMap(\.shared) {
            parts[part.name] = (parts[part.name] ?? .zero).union(part.bytes)
        }
        return parts.values.reduce(footprints.values.reduce(.zero) { $0 + $1.exclusive }, +)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `after random reservations and releases the sums are those of the definition`(seed: UInt64)
    {
        var random = SeededRandom(seed: seed)
        var ledger = Ledger<Int>()
        var held: [Int: Footprint] = [:]
        func amount() -> DomainBytes {
            DomainBytes(
                Bool.random(using: &random) ? .host : .gpu(0),
                ByteCount(.random(in: 0...99, using: &random))
            )
        }
        for step in 0..<500 {
            let holder = Int.random(in: 0..<8, using: &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                let predicted = ledger.returned(byReleasing: [holder])
                let before = ledger.reserved
                ledger.release(holder)
                held[holder] = nil
                #expect(before - ledger.reserved == predicted, "seed \(seed), step \(step)")
            } else {
                let parts = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                    SharedPart(
                        name: "\(Int.random(in: 0..<5, using: &random))",
                        bytes: amount() + amount()
                    )
                }
                let footprint = Footprint(exclusive: amount() + amount(), shared: parts)
                ledger.release(holder)
                let predicted = ledger.reserved + ledger.adding(footprint)
                ledger.reserve(footprint, for: holder)
                held[holder] = footprint
                #expect(ledger.reserved == predicted, "seed \(seed), step \(step)")
            }
            let some = Set((0..<8).filter { _ in Bool.random(using: &random) })
            let rest = held.filter { !some.contains($0.key) }
            #expect(ledger.reserved == sum(held), "seed \(seed), step \(step)")
            #expect(
                ledger.returned(byReleasing: some) == sum(held) - sum(rest),
                "seed \(seed), step \(step)"
            )
        }
    }
}
