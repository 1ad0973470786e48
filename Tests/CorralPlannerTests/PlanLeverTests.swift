import CorralMemory
import CorralPlanner
import Testing

@Suite struct PlanLeverTests {
    private let plenty = DomainBytes.host(.gibibytes(64))

    private func levers(
        _ load: LoadOptions,
        within memory: DomainBytes? = nil
    ) throws -> (plan: MemoryPlan, levers: [PlanLever]) {
        let planner = MemoryPlanner(try SmallModel("llama").description())
        let plan = try planner.plan(load)
        return (plan, planner.levers(load, plan, within: memory ?? plenty))
    }

    private func chat(_ change: (inout ContextOptions) -> Void = { _ in }) -> LoadOptions {
        var load = LoadOptions.llamaServer(.chat, slots: 2, contextTokens: 16384)
        change(&load.context)
        return load
    }

    @Test func `each lever saves what it says, and the cheapest comes first`() throws {
        let load = chat {
            $0.flashAttention = .off
            $0.outputs = nil
        }
        let (plan, levers) = try levers(load)
        #expect(!levers.isEmpty)
        for lever in levers {
            #expect(lever.plan.total + lever.saves == plan.total, "\(lever.change)")
            #expect(lever.saves[.host] > .zero, "\(lever.change)")
        }
        let order = PlanLever.Kind.allCases
        let found = levers.map(\.kind).compactMap(order.firstIndex)
        #expect(found == found.sorted())
        #expect(Set(levers.map(\.kind)).count == levers.count)
        #expect(levers.contains { $0.kind == .flashAttention })
    }

    @Test func `what is done already is not offered again`() throws {
        let load = chat {
            $0.keyCacheType = .q4_0
            $0.valueCacheType = .q4_0
            $0.microBatch = 64
        }
        let kinds = Set(try levers(load).levers.map(\.kind))
        #expect(kinds.isDisjoint(with: [.outputs, .flashAttention, .microBatch, .cacheType]))
    }

    @Test func `quantized keys and values take 17 parts of 32`() throws {
        let (plan, levers) = try levers(chat())
        let lever = try #require(levers.first { $0.kind == .cacheType })
        func cache(_ plan: MemoryPlan) -> Int64 {
            plan.buffers.reduce(0) { $0 + $1.cache.bytes.rawValue }
        }
        #expect(cache(lever.plan) * 32 == cache(plan) * 17)
    }

    @Test func `where a plan does not fit, the context offered is the most that does`() throws {
        let plan = try levers(chat()).plan
        let memory = plan.total - .host(.mebibytes(3))
        let lever = try #require(
            try levers(chat(), within: memory).levers.first { $0.kind == .context }
        )
        #expect(lever.plan.total.fits(in: memory))
        let planner = MemoryPlanner(try SmallModel("llama").description())
        var more = lever.load
        more.context.contextTokens = lever.plan.contextTokens + 256
        #expect(!(try planner.plan(more).total.fits(in: memory)))
    }

    @Test func `a full device is offered fewer layers`() throws {
        var load = chat()
        load.accelerators = [Accelerator(domain: .gpu(0), bufferName: "CUDA0", backend: .cuda)]
        load.gpuLayers = 5
        let plan = try levers(load).plan
        var memory = plenty
        memory[.gpu(0)] = plan.total[.gpu(0)] - ByteCount.mebibytes(2)
        let lever = try #require(
            try levers(load, within: memory).levers.first { $0.kind == .gpuLayers }
        )
        #expect(lever.load.gpuLayers < 5)
        #expect(lever.plan.total.fits(in: memory))
    }
}
