import CorralDryRun
import CorralMemory
import CorralPlanner
import SharedFixtures
import Testing

@Suite(.enabled("needs corral-dry-run with llama.cpp, and gguf-fixtures", Helper.hasFixtures))
struct HostileFileTests {
    let fixtures: Fixtures

    init() throws { fixtures = try Fixtures.loaded.get() }

    private func failure(
        of bytes: [UInt8],
        limits: DryRunLimits = DryRunLimits()
    ) async throws -> DryRunError? {
        let scratch = try Scratch()
        let file = try scratch.file("model.gguf", bytes)
        do {
            _ = try await Helper.make(limits: limits).session(file) { session in
                try await session.measure(ContextOptions(contextTokens: 512))
            }
            return nil
        } catch let error as DryRunError {
            return error
        }
    }

    @Test func `a file that is no model is refused in llama.cpp's words`() async throws {
        let error = try #require(try await failure(of: Array("not a model at all".utf8)))
        #expect(error.code == .modelRefused)
        #expect(error.message.contains("magic"))
    }

    @Test func `an empty file and a missing one are refused`() async throws {
        #expect(try await failure(of: [])?.code == .modelRefused)
        await #expect(
            performing: {
                try await Helper.make().session("/nonexistent/model.gguf") { _ in }
            },
            throws: { DryRunError.Code.modelRefused ~= $0 }
        )
    }

    @Test(arguments: [4, 12, 100, 1000, 5000])
    func `a header that is cut short is refused`(length: Int) async throws {
        let model = try fixtures.model("arch-llama-dense.gguf")
        let error = try #require(try await failure(of: Array(model.header.prefix(length))))
        #expect(error.code == .modelRefused)
    }

    @Test func `a header without its weights' length is refused`() async throws {
        let model = try fixtures.model("arch-llama-dense.gguf")
        #expect(try await failure(of: model.header)?.code == .modelRefused)
    }

    @Test func `counts no file can have are refused within the limits`() async throws {
        // GGUF, version 3, then the numbers of tensors and of keys.
        let counts = [UInt64.max, UInt64(Int64.max), 1 << 40]
        for count in counts {
            var bytes = Array("GGUF".utf8) + [3, 0, 0, 0]
            for value in [count, count] {
                bytes += (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
            }
            bytes += [UInt8](repeating: 0xff, count: 64)
            let error = try #require(try await failure(of: bytes))
            let codes: [DryRunError.Code] = [.modelRefused, .crashed, .tooLarge]
            #expect(codes.contains(error.code), "\(count): \(error)")
        }
    }

    @Test func `bytes changed at random never do more than end the helper`() async throws {
        let model = try fixtures.model("arch-llama-dense.gguf")
        let seed = UInt64.random(in: 0...(.max))
        var state = seed
        func random() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        for round in 0..<12 {
            var bytes = model.header
            for _ in 0...(random() % 8) {
                bytes[random() % bytes.count] = UInt8(truncatingIfNeeded: random())
            }
            let file = try StandInFile(
                [.init(name: model.name, header: bytes, fileBytes: model.fileBytes)])
            let helper = Helper.make(limits: DryRunLimits(time: .seconds(30)))
            let answers = try await helper.measure(
                file.path,
                contexts: [ContextOptions(contextTokens: 512)]
            )
            #expect(answers.cells.count == 1, "seed \(seed), round \(round)")
            if case .failure(let error) = answers.cells[0] {
                let known: [DryRunError.Code] = [
                    .modelRefused, .contextRefused, .crashed, .tooLarge,
                ]
                #expect(known.contains(error.code), "seed \(seed), round \(round): \(error)")
            }
        }
    }

    @Test func `a helper that takes more memory than allowed ends itself`() async throws {
        // Recurrent states are really allocated: 75 MiB of them for each sequence.
        let model = try fixtures.model("shape-qwen3next-80b.gguf")
        let file = try model.standIn()
        let context = ContextOptions(contextTokens: 1024, sequences: 4, outputs: 4)
        let plan = try model.planner().plan(LoadOptions(context: context))
        try #require(plan.states > .mebibytes(200))
        let tight = Helper.make(limits: DryRunLimits(memory: .mebibytes(100)))
        let error = await #expect(throws: DryRunError.self) {
            try await tight.measure(file.path, contexts: [context]).cells[0].get()
        }
        #expect(error?.code == .tooLarge)
        // Told how much they are, it allows for them.
        let answers = try await tight.measure(file.path, contexts: [context], states: plan.states)
        #expect(throws: Never.self) { try answers.cells[0].get() }
    }

    @Test func `a refused context leaves the others to be asked about`() async throws {
        let model = try fixtures.model("arch-llama-dense.gguf")
        let file = try model.standIn()
        let bad = ContextOptions(
            contextTokens: 512,
            flashAttention: .off,
            keyCacheType: .q8_0,
            valueCacheType: .q8_0
        )
        let answers = try await Helper.make().measure(
            file.path,
            contexts: [bad, ContextOptions(contextTokens: 512)]
        )
        #expect(throws: DryRunError.self) { try answers.cells[0].get() }
        #expect(try answers.cells[1].get().contextTokens == 512)
    }
}
