import CorralMemory
import CorralPlanner
import CorralTesting
import SharedFixtures
import Testing

/// What holds for every plan, over the shapes of real models.
@Suite(.enabled(if: Fixtures.areAvailable, "the shared folder has no gguf-fixtures"))
struct ShapeTests {
    let fixtures: Fixtures

    init() throws { fixtures = try Fixtures.loaded.get() }

    @Test(arguments: [UInt64(1), 2])
    func `the search finds the last context that fits`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let shapes = fixtures.names.filter { !$0.hasPrefix("arch-") }
        #expect(shapes.count >= 20)
        for name in shapes {
            let planner = MemoryPlanner(try fixtures.description(name))
            let streams = seed == 1 ? 1 : 3
            let options = LoadOptions(
                context: ContextOptions(sequences: streams, unifiedCache: streams == 1)
            )
            func plan(_ tokens: Int) throws -> MemoryPlan {
                var options = options
                options.context.contextTokens = tokens
                return try planner.plan(options)
            }
            let step = 256 * streams
            let limit = max(step, planner.model.trainingContext / 256 * step)
            let smallest = try plan(min(limit, max(step, 512))).total[.host].rawValue
            let largest = try plan(limit).total[.host].rawValue
            for _ in 0..<10 {
                let budget = Int64.random(in: smallest...max(smallest, largest), using: &random)
                let memory = DomainBytes.host(ByteCount(budget))
                let found = try planner.largestContext(options, within: memory)
                let best = try #require(found.plan, "\(name), seed \(seed)")
                #expect(best.total.fits(in: memory), "\(name), seed \(seed)")
                guard best.contextTokens < limit else { continue }
                let next = try plan(best.contextTokens + step)
                #expect(
                    !next.total.fits(in: memory),
                    "\(name), seed \(seed): \(best.contextTokens) of \(budget)"
                )
            }
        }
    }

    /// llama.cpp's compute buffer itself may shrink a little where a larger mask leaves fewer gaps.
    @Test func `memory grows with the context, but for gaps in the compute buffer`() throws {
        for name in fixtures.names {
            let planner = MemoryPlanner(try fixtures.description(name))
            let limit = min(max(planner.model.trainingContext, 512), 1 << 17)
            var last: MemoryPlan?
            var tokens = 256
            while tokens <= limit {
                let options = LoadOptions(context: ContextOptions(contextTokens: tokens))
                let plan = try planner.plan(options)
                if let last {
                    let gap = last.total[.host] - plan.total[.host]
                    let isSmall = gap * 100 <= plan.total[.host] || gap <= .kibibytes(512)
                    #expect(isSmall, "\(name) \(tokens)")
                }
                last = plan
                tokens += max(256, tokens / 1024 * 256)
            }
        }
    }
}
