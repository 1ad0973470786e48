import CorralMemory
import CorralPlanner
import Foundation
import SharedFixtures
import Testing

@Suite(.enabled(if: Fixtures.areAvailable, "the shared folder has no gguf-fixtures"))
struct TruthTests {
    let fixtures: Fixtures

    /// Prints every cell, for a closer look.
    private var printsCells: Bool { ProcessInfo.processInfo.environment["CORRAL_CELLS"] != nil }

    init() throws { fixtures = try Fixtures.loaded.get() }

    @Test func `weights, caches and output are byte-exact in every cell llama.cpp reports`() throws
    {
        var cells = 0
        for name in fixtures.names {
            let planner = MemoryPlanner(try fixtures.description(name))
            for (configuration, cell) in fixtures.truth.truth[name] ?? [:] {
                let options = try fixtures.options(configuration)
                // A crash of llama.cpp is no answer.
                if cell.error == "crash" { continue }
                guard let buffers = cell.buffers else {
                    #expect(throws: PlanError.self, "\(name) \(configuration)") {
                        try planner.plan(options)
                    }
                    continue
                }
                cells += 1
                let plan = try planner.plan(options)
                let place = "\(name) \(configuration)"
                #expect(plan.buffers.map(\.name).sorted() == buffers.keys.sorted(), "\(place)")
                for buffer in plan.buffers {
                    let true_ = try #require(buffers[buffer.name])
                    #expect(buffer.weights.bytes.rawValue == true_.model, "\(place) \(buffer.name)")
                    let context = buffer.cache.bytes + buffer.recurrent.bytes
                    #expect(context.rawValue == true_.context, "\(place) \(buffer.name)")
                }
                #expect(plan.output.bytes.rawValue == cell.output, "\(place)")
                #expect(plan.contextTokens == cell.n_ctx, "\(place)")
                #expect(plan.contextTokensPerSequence == cell.n_ctx_seq, "\(place)")
                #expect((plan.flashAttention ? 1 : 0) == cell.fa, "\(place)")
            }
        }
        print("exact in \(cells) cells")
        #expect(cells >= 887)
    }

    @Test func `compute buffers are never below what llama.cpp reports`() throws {
        var errors: [(share: Double, place: String)] = []
        let bounded = Set(ModelDescription.boundedArchitectures)
        for name in fixtures.names {
            let planner = MemoryPlanner(try fixtures.description(name))
            for (configuration, cell) in fixtures.truth.truth[name] ?? [:] {
                guard let buffers = cell.buffers else { continue }
                let plan = try planner.plan(try fixtures.options(configuration))
                let planned = plan.buffers.reduce(ByteCount.zero) { $0 + $1.compute.bytes }
                let compute = buffers.values.reduce(0) { $0 + $1.compute }
                let total = buffers.values.reduce(cell.output ?? 0) {
                    $0 + $1.model + $1.context + $1.compute
                }
                let share = Double(planned.rawValue - compute) / Double(total)
                if bounded.contains(planner.model.architecture) {
                    #expect(share >= 0, "\(name) \(configuration)")
                    continue
                }
                errors.append((share, "\(name) \(configuration)"))
                if printsCells {
                    print("CELL \(name) \(configuration) \(compute) \(planned.rawValue) \(total)")
                }
            }
        }
        errors.sort { ($0.share, $0.place) < ($1.share, $1.place) }
        let median = errors[errors.count / 2]
        let worst = try #require(errors.last)
        print("compute buffer, error as a share of the plan over \(errors.count) cells:")
        print("  least \(errors[0]), median \(median), worst \(worst)")
        #expect(errors[0].share >= 0, "\(errors[0].place)")
        #expect(worst.share <= 0.06, "\(worst.place)")
    }
}
