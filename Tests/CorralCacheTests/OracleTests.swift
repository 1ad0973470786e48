import CorralCache
import CorralTesting
import Foundation
import Testing

@Suite struct OracleTests {
    /// `CORRAL_ORACLE_SEEDS` runs more histories than the 2,000 of every test run.
    static let seedCount =
        ProcessInfo.processInfo.environment["CORRAL_ORACLE_SEEDS"].flatMap(Int.init) ?? 2000

    /// Even parts run with the first policy, odd ones with the second.
    @Test(arguments: 0..<8)
    func `random histories of 500 events keep the laws`(part: Int) throws {
        let policy = try EvictionPolicies.named(EvictionPolicies.names[part % 2])
        var total = CacheOracle.Summary()
        for seed in stride(from: part, to: Self.seedCount, by: 8) {
            var oracle = CacheOracle(seed: UInt64(seed), policy: policy)
            let summary = try oracle.run(steps: 500)
            total.grants += summary.grants
            total.loads += summary.loads
            total.unloads += summary.unloads
            total.exits += summary.exits
            total.cancellations += summary.cancellations
            total.refusals += summary.refusals
            total.hints += summary.hints
            total.prefetches += summary.prefetches
            total.prefetchesCancelled += summary.prefetchesCancelled
            total.readAheads += summary.readAheads
            total.enlargements += summary.enlargements
            total.drainsCalledOff += summary.drainsCalledOff
        }
        // A history in which nothing happens would prove nothing.
        let runs = Self.seedCount / 8
        #expect(total.grants > runs * 15)
        #expect(total.loads > runs * 20)
        #expect(total.unloads > runs * 6)
        #expect(total.exits > runs)
        #expect(total.cancellations > runs)
        #expect(total.refusals > runs)
        #expect(total.hints > runs * 20)
        #expect(total.prefetches > runs)
        #expect(total.prefetchesCancelled > runs / 2)
        #expect(total.readAheads > runs / 4)
        #expect(total.enlargements > runs / 4)
        #expect(total.drainsCalledOff > runs / 20)
    }

    @Test(arguments: OracleFault.allCases)
    func `a planted fault is noticed within forty histories`(fault: OracleFault) {
        let isNoticed = (0..<40).contains { seed in
            var oracle = CacheOracle(seed: UInt64(seed), fault: fault)
            return (try? oracle.run(steps: 500)) == nil
        }
        #expect(isNoticed, "\(fault)")
    }
}
