import CorralDryRun
import CorralPlanner
import Foundation
import Testing

/// Plans against llama.cpp's own figures, over models and contexts that nobody chose.
///
/// Without anything set it is the same sample of models every time, one of each architecture.
/// `CORRAL_PLAN_CELLS` says how many contexts, `CORRAL_PLAN_SEED` where to begin: a plan that fails
/// prints its seed.
@Suite(.enabled("needs corral-dry-run with llama.cpp", Helper.isAvailable))
struct PlanPropertyTests {
    /// How far over a plan may be: a share of all that llama.cpp takes, or so many bytes.
    ///
    /// The closed form adds 48 KiB and 1/128 to what it computes, which is more than 6 percent of
    /// a model smaller than any in use.
    private static let share = 0.06
    private static let bytes: Int64 = 64 << 10

    /// Never under either, but as far over as their bound is loose: parts of their graphs are not
    /// sketched (``Architecture/Traits/bounded``).
    private static let bounded = Set(ModelDescription.boundedArchitectures)

    @Test func `a plan is never below what llama.cpp takes, and at most 6 percent above`()
        async throws
    {
        let environment = ProcessInfo.processInfo.environment
        let wanted = environment["CORRAL_PLAN_CELLS"].flatMap { Int($0) } ?? 150
        let seed = environment["CORRAL_PLAN_SEED"].flatMap { UInt64($0) } ?? 11_434
        print("plans of random models from seed \(seed)")
        let helper = Helper.make()
        let names = RandomModel.architectures
        // A small sample meets every architecture once rather than a few of them often.
        let contexts = wanted > 2 * names.count ? 6 : 1
        var tally = PlanTally()
        for index in 0..<UInt64(max(1, wanted / contexts)) {
            let name = names[Int((seed &+ index) % UInt64(names.count))]
            let model = RandomModel(seed: seed &+ index, architecture: name)
            tally.add(try await model.tally(contexts, with: helper))
        }
        print(
            "\(tally.cells.count) cells, \(tally.refused) refused, \(tally.unmade) models not made"
        )
        if wanted > 1000 { print(tally.byArchitecture) }
        let sketched = tally.cells.filter { !Self.bounded.contains($0.architecture) }
        let least = try #require(sketched.min { $0.error < $1.error })
        let most = try #require(sketched.max { $0.error < $1.error })
        print("least \(least.error) of \(least.place)\nmost \(most.error) of \(most.place)")
        for cell in tally.cells {
            #expect(cell.inexact.isEmpty, "\(cell.place): \(cell.inexact)")
            #expect(cell.error >= 0, "\(cell.place): \(cell.error)")
        }
        for cell in sketched where cell.bytesOver > Self.bytes {
            #expect(cell.error <= Self.share, "\(cell.place): \(cell.error)")
        }
        #expect(tally.wronglyRefused.isEmpty, "\(tally.wronglyRefused)")
        // A generator of nothing but refusals would show nothing.
        #expect(tally.cells.count * 10 >= wanted * 6, "\(tally.cells.count) of \(wanted)")
    }
}
