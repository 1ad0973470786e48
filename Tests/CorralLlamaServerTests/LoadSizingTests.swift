import CorralCache
import CorralGGUF
import CorralMemory
import CorralPlanner
import Testing

@testable import CorralLlamaServer

struct LoadSizingTests {
    @Test func `an automatic context is the ceiling or what the model was trained on`() throws {
        #expect(try Sizing.plan().contextTokens == 8192)
        #expect(
            try Sizing.plan(LlamaServerOptions(LoadSettings(contextCeiling: 4096))).contextTokens
                == 4096
        )
        let short = try Sizing.planner(context: 2048)
        #expect(try Sizing.plan(planner: short).contextTokens == 2048)
    }

    @Test func `an automatic context shrinks to what fits and no further`() throws {
        let whole = try Sizing.plan()
        let limits = whole.footprint.total - .host(.mebibytes(4))
        let plan = try Sizing.plan(limits: limits)
        #expect(plan.footprint.total.fits(in: limits))
        #expect(plan.contextTokens < 8192 && plan.contextTokens.isMultiple(of: 256))
        let larger = try Sizing.plan(
            LlamaServerOptions(
                LoadSettings(
                    contextTokens: plan.contextTokens + 256,
                    loadMode: plan.load.loadMode
                )
            )
        )
        #expect(!larger.footprint.total.fits(in: limits))
    }

    @Test func `a context that was asked for is planned even where it does not fit`() throws {
        let plan = try Sizing.plan(
            LlamaServerOptions(LoadSettings(contextTokens: 4096)),
            limits: .host(ByteCount(1))
        )
        #expect(plan.contextTokens == 4096)
        #expect(!plan.footprint.total.fits(in: .host(ByteCount(1))))
    }

    @Test func `a request that needs more context gets it`() throws {
        let options = LlamaServerOptions(LoadSettings(contextCeiling: 1024))
        #expect(try Sizing.plan(options, minimumContext: 3000).contextTokens >= 3000)
        let asked = LlamaServerOptions(LoadSettings(contextTokens: 512))
        #expect(try Sizing.plan(asked, minimumContext: 3000).contextTokens >= 3000)
    }

    @Test func `a request beyond what the model was trained on is refused`() throws {
        do {
            _ = try Sizing.plan(minimumContext: 9000)
            Issue.record("9,000 tokens were promised")
        } catch let error as PlanError {
            #expect(error.code == .unsupportedOption)
            #expect(error.message.contains("9000") && error.message.contains("8192"))
        }
    }

    @Test func `slots that share nothing have a whole context each`() throws {
        let plan = try Sizing.plan(
            LlamaServerOptions(LoadSettings(contextTokens: 1024, slots: 3, unifiedCache: false))
        )
        #expect(plan.contextTokens == 1024)
        #expect(plan.memory.contextTokens == 3 * 1024)
    }

    @Test func `texts to embed shrink with the memory there is`() throws {
        let whole = try Sizing.plan(role: .embed)
        #expect(whole.load.context.microBatch == 8192)
        let limits = whole.footprint.total - .host(.mebibytes(4))
        let plan = try Sizing.plan(role: .embed, limits: limits)
        #expect(plan.footprint.total.fits(in: limits))
        #expect(plan.load.context.microBatch < 8192)
        #expect(plan.load.context.batch == plan.load.context.microBatch)
    }

    @Test func `weights are mapped unless repacking would hold them twice`() throws {
        #expect(try Sizing.plan().load.loadMode == .mapped)
        let planner = try Sizing.planner(matrix: .q4_0)
        let limits = DomainBytes.host(.gibibytes(64))
        var machine = Sizing.configuration()
        func mode(
            _ options: LlamaServerOptions = LlamaServerOptions()
        ) throws
            -> LoadOptions.LoadMode
        {
            try Sizing.sizing(options, machine).settled(planner, within: limits).load.loadMode
        }
        #expect(try mode() == .mapped)
        machine.cpu = [.avx2]
        #expect(try mode() == .copied)
        #expect(try mode(LlamaServerOptions(LoadSettings(loadMode: .mapped))) == .mapped)
    }

    @Test func `as many layers are offloaded as fit`() throws {
        let gpu = Accelerator(domain: .gpu(0), bufferName: "CUDA0", backend: .cuda)
        func layers(_ bytes: ByteCount) throws -> Int {
            var limits = DomainBytes.host(.gibibytes(64))
            limits[.gpu(0)] = bytes
            let plan = try Sizing.plan(limits: limits, accelerators: [gpu])
            #expect(plan.footprint.total.fits(in: limits))
            return plan.load.gpuLayers
        }
        #expect(try layers(.zero) == 0)
        #expect(try layers(.gibibytes(64)) == 5, "four layers and the output")
    }

    @Test func `remedies name a context and a cache type that do fit`() throws {
        let plan = try Sizing.plan(LlamaServerOptions(LoadSettings(contextTokens: 8192)))
        #expect(plan.remedies(within: plan.footprint.total) == [])
        let limits = plan.footprint.total - .host(.mebibytes(4))
        let remedies = plan.remedies(within: limits)
        #expect(remedies.count == 2)
        #expect(remedies.first?.contains("q8_0") == true)
        let words = try #require(remedies.last).split(separator: " ")
        let tokens = try #require(words.compactMap { Int($0) }.first)
        let smaller = try Sizing.plan(
            LlamaServerOptions(LoadSettings(contextTokens: tokens, loadMode: .mapped))
        )
        #expect(smaller.footprint.total.fits(in: limits))
        #expect(plan.remedies(within: .host(ByteCount(1))) == [], "nothing would help")
    }

    @Test func `a load may take half a minute and a second for each 50 megabytes`() throws {
        let plan = try Sizing.plan()
        let seconds = 30 + Double(plan.fileBytes.rawValue) / 50e6
        #expect(abs(plan.deadline / .seconds(1) - seconds) < 1e-6)
        #expect(
            try Sizing.plan(LlamaServerOptions(loadDeadline: .seconds(7))).deadline == .seconds(7)
        )
    }

    @Test func `two roles of one file name the same shared part`() throws {
        let chat = try Sizing.plan()
        let embed = try Sizing.plan(role: .embed)
        #expect(chat.footprint.shared.map(\.name) == ["file"])
        #expect(chat.footprint.shared == embed.footprint.shared)
    }

    private func inProcess(_ settings: LoadSettings, _ role: ModelRole) -> LoadSizing {
        LoadSizing(
            settings,
            role: role,
            process: .host,
            accelerators: [],
            cpu: [],
            threads: 2
        )
    }

    @Test func `a process that has llama.cpp loaded reads more texts at once and keeps nothing`() {
        let settings = LoadSettings(promptCacheLimit: .mebibytes(8), contextCheckpoints: 3)
        let texts = inProcess(settings, .embed).load
        #expect(texts.context.sequences == 16)
        #expect(Sizing.sizing(role: .embed).load.context.sequences == 4)
        let chat = inProcess(settings, .chat).load
        #expect(chat.context.sequences == 4)
        #expect(chat.promptCacheLimit == .zero && chat.contextCheckpoints == 0)
        let server = Sizing.sizing(LlamaServerOptions(settings)).load
        #expect(server.promptCacheLimit == .mebibytes(8) && server.contextCheckpoints == 3)
    }

    @Test func `no process is given more slots than llama.cpp has sequences`() {
        let settings = LoadSettings(slots: 1000)
        #expect(inProcess(settings, .chat).load.context.sequences == 256)
        #expect(Sizing.sizing(LlamaServerOptions(settings)).load.context.sequences == 256)
    }

    @Test func `only a llama-server takes a context beyond what a text model was trained on`()
        throws
    {
        let settings = LoadSettings(contextTokens: 9000)
        let limits = DomainBytes.host(.gibibytes(64))
        let planner = try Sizing.planner()
        #expect {
            try inProcess(settings, .embed).settled(planner, leastContext: 0, within: limits)
        } throws: {
            ($0 as? PlanError)?.message.contains("at most 8192") == true
        }
        let plan = try Sizing.plan(LlamaServerOptions(settings), role: .embed, planner: planner)
        #expect(plan.contextTokens >= 9000)
    }

    @Test(arguments: [0, -1, Int(Int32.max) + 1])
    func `a context that no model has is refused before anything is planned`(tokens: Int) throws {
        let sizing = inProcess(LoadSettings(contextTokens: tokens), .chat)
        let planner = try Sizing.planner()
        #expect {
            try sizing.settled(planner, leastContext: 0, within: .host(.gibibytes(64)))
        } throws: {
            ($0 as? PlanError)?.message.contains("\(tokens)") == true
        }
    }
}
