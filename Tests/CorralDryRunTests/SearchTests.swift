import CorralMemory
import CorralPlanner
import SharedFixtures
import Testing

@testable import CorralDryRun

struct ContextBisectionTests {
    @Test func `the largest number that fits is found whatever the shape and the hint`() {
        let seed = UInt64.random(in: 0...(.max))
        var state = seed
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        for round in 0..<400 {
            let least = 1 + random(4)
            let most = least + random(600)
            // Never shrinks: flat stretches, jumps and slopes.
            var need = [Int64(random(1000))]
            for _ in 0...most { need.append(need[need.count - 1] + Int64(random(3) * random(90))) }
            let budget = Int64(random(Int(need[most]) + 1000))
            var search = ContextBisection(least: least, most: most, hint: random(most + 50))
            while let value = search.next {
                #expect((least...most).contains(value), "seed \(seed), round \(round)")
                search.record(value, slack: budget - need[value])
                if search.questions > 40 { break }
            }
            let expected = (least...most).last { need[$0] <= budget }
            #expect(search.best == expected, "seed \(seed), round \(round)")
            #expect(search.questions <= 40, "seed \(seed), round \(round)")
        }
    }

    @Test func `memory that grows as a line takes few questions`() {
        for answer in [3, 77, 300, 511] {
            var search = ContextBisection(least: 2, most: 512, hint: answer - 2)
            while let value = search.next {
                search.record(value, slack: Int64(answer * 1000 + 500 - value * 1000))
            }
            #expect(search.best == answer)
            #expect(search.questions <= 6)
        }
    }
}

@Suite(.enabled("needs corral-dry-run with llama.cpp, and gguf-fixtures", Helper.hasFixtures))
struct SearchTests {
    let fixtures: Fixtures
    let helper = Helper.make()

    init() throws { fixtures = try Fixtures.loaded.get() }

    private static let names = [
        "shape-llama31-8b.gguf", "shape-gemma3-4b.gguf", "arch-gemma2-dense.gguf",
        "tiny-tiny-mamba.gguf",
    ]

    @Test(arguments: [1, 2], [false, true])
    func `the context found fits and the next does not`(sequences: Int, unified: Bool) async throws
    {
        var (slowest, probes) = (0.0, 0)
        for name in Self.names {
            let model = try fixtures.model(name)
            let file = try model.standIn()
            let planner = try model.planner()
            var options = LoadOptions(loadMode: .copied)
            options.context.sequences = sequences
            options.context.unifiedCache = unified
            options.context.outputs = sequences
            let step = 256 * (unified ? 1 : sequences)
            try await helper.session(file.path, load: options) { session in
                let trained = session.trainingContext * (unified ? 1 : sequences)
                func bytes(_ tokens: Int) async throws -> ByteCount {
                    var options = options
                    options.context.contextTokens = tokens
                    let cell = try await session.measure(options.context)
                    return try planner.plan(options).replacing(with: cell).total[.host]
                }
                let smallest = max(step, min(512, trained) / step * step)
                let (low, high) = (try await bytes(smallest), try await bytes(max(step, trained)))
                for part in 0...5 {
                    let budget = low + (high - low).scaled(by: Double(part) / 5)
                    let clock = ContinuousClock()
                    let start = clock.now
                    let found = try await session.largestContext(
                        options,
                        planner: planner,
                        within: .host(budget)
                    )
                    let seconds = start.duration(to: clock.now) / .seconds(1)
                    slowest = max(slowest, seconds * 1000)
                    probes = max(probes, found.probes)
                    let tokens = found.plan.contextTokens
                    #expect(found.fits, "\(name) \(budget)")
                    #expect(found.plan.total[.host] <= budget, "\(name) \(budget)")
                    #expect(tokens.isMultiple(of: step) && tokens <= max(step, trained))
                    if tokens + step <= trained {
                        let next = try await bytes(tokens + step)
                        #expect(next > budget, "\(name) \(budget) \(tokens)")
                    }
                }
                let none = try await session.largestContext(
                    options,
                    planner: planner,
                    within: .host(.mebibytes(1))
                )
                #expect(!none.fits)
            }
        }
        print("slowest search: \(slowest) ms; most contexts asked about: \(probes)")
        #expect(probes <= 14)
    }
}
