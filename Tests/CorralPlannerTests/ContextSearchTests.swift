import CorralMemory
import CorralPlanner
import CorralTesting
import Testing

@Suite struct ContextSearchTests {
    private func planner(_ architecture: String) throws -> MemoryPlanner {
        MemoryPlanner(try SmallModel(architecture).description())
    }

    @Test func `a budget for everything gives the training context`() throws {
        let planner = try planner("llama")
        let found = try planner.largestContext(
            LoadOptions(),
            within: .host(ByteCount(1 << 40))
        )
        #expect(found.plan?.contextTokens == planner.model.trainingContext)
    }

    @Test func `a ceiling is kept`() throws {
        let planner = try planner("llama")
        let found = try planner.largestContext(
            LoadOptions(),
            within: .host(ByteCount(1 << 40)),
            ceiling: 3000
        )
        #expect(found.plan?.contextTokens == 2816)
    }

    @Test func `too little memory is answered with what the smallest context needs`() throws {
        let planner = try planner("llama")
        let free = DomainBytes.host(ByteCount(1 << 20))
        let found = try planner.largestContext(LoadOptions(), within: free)
        guard case .doesNotFit(let shortfall) = found else {
            Issue.record("\(found) fits into 1 MiB")
            return
        }
        #expect(found.plan == nil)
        #expect(shortfall.smallest.contextTokens == MemoryPlanner.smallestContext)
        #expect(shortfall.available == free)
        #expect(shortfall.missing + free == shortfall.smallest.total)
    }

    @Test func `split caches grow together`() throws {
        let planner = try planner("llama")
        let options = LoadOptions(context: ContextOptions(sequences: 4))
        let found = try planner.largestContext(
            options,
            within: .host(ByteCount(1 << 40)),
            ceiling: 5000
        )
        #expect(found.plan?.contextTokens == 4096)
        #expect(found.plan?.contextTokensPerSequence == 1024)
    }

    @Test(
        arguments: [
            "llama", "qwen3", "qwen3moe", "gemma3", "gemma4", "deepseek2", "granitehybrid", "jamba",
            "lfm2", "mamba2", "qwen3next", "qwen35", "gpt-oss", "phi3", "bert", "falcon-h1",
            "deepseek4", "minimax-m3", "cohere2", "fresh",
        ])
    func `memory never shrinks as the context grows, and the search finds the last that fits`(
        architecture: String
    ) throws {
        let planner = try planner(architecture)
        let streams = 2
        let options = LoadOptions(context: ContextOptions(sequences: streams))
        let step = 256 * streams
        func plan(_ tokens: Int) throws -> MemoryPlan {
            var options = options
            options.context.contextTokens = tokens
            return try planner.plan(options)
        }
        let limit = planner.model.trainingContext * streams
        let plans = try stride(from: step, through: limit, by: step).map(plan)
        for (less, more) in zip(plans, plans.dropFirst()) {
            #expect(less.total.fits(in: more.total), "\(less.contextTokens)")
        }

        let seed: UInt64 = 2026
        var random = SeededGenerator(seed: seed)
        let smallest = try #require(plans.first).total[.host].rawValue
        let largest = try #require(plans.last).total[.host].rawValue
        for _ in 0..<10 {
            let budget = Int64.random(in: smallest...largest, using: &random)
            let memory = DomainBytes.host(ByteCount(budget))
            let found = try planner.largestContext(options, within: memory)
            let best = try #require(found.plan, "seed \(seed)")
            #expect(best.total.fits(in: memory), "seed \(seed)")
            guard best.contextTokens < limit else { continue }
            let next = try plan(best.contextTokens + step)
            #expect(
                !next.total.fits(in: memory),
                "seed \(seed): \(best.contextTokens) of \(budget)"
            )
        }
    }

    @Test func `a token costs what its keys and values take`() throws {
        let planner = try planner("llama")
        // Two layers with two heads of 64, for keys and values, in halves.
        let cost = try planner.cacheBytesPerToken(
            LoadOptions(context: ContextOptions(contextTokens: 4096))
        )
        #expect(cost == Double(2 * 2 * 64 * 2 * 2))
    }
}
