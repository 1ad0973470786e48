import CorralCache
import CorralLlama
import CorralMemory
import CorralPlanner
import CorralTesting
import Foundation
import Testing

@Suite("The cache over llama.cpp in this process", .enabled(if: RealModels.areThere), .serialized)
struct CacheTests {
    private let small: @Sendable (ModelID) -> LlamaOptions = { _ in
        LlamaOptions(contextTokens: 256, threads: 1)
    }

    @Test("the five lines of the documentation work")
    func fiveLines() async throws {
        let cache = try ModelCache(engine: LlamaEngine(options: small), memory: .share(0.75))
        var text = ""
        text = try await cache.withModel(RealModels.chat, as: .chat) { llama in
            var answer = ""
            let options = ReplyOptions(sampling: .greedy, maximumTokens: 8)
            for try await piece in llama.reply(to: "Hello", options: options) { answer += piece }
            return answer
        }
        #expect(!text.isEmpty)
        await cache.shutdown()
    }

    @Test("two roles of one file are planned as one set of weights")
    func sharedWeights() async throws {
        let engine = LlamaEngine(options: small)
        var plans: [LlamaPlan] = []
        for role in [ModelRole.chat, .embed] {
            plans.append(
                try await engine.plan(
                    ModelID(path: RealModels.chat, role: role),
                    options: LlamaOptions(contextTokens: 256),
                    minimumContext: 0,
                    limits: .host(ByteCount(1 << 40))
                )
            )
        }
        #expect(plans[0].footprint.shared == plans[1].footprint.shared)
        let weights = plans[0].footprint.shared.reduce(DomainBytes.zero) { $0 + $1.bytes }
        // All tensors of the file, whether mapped or copied.
        #expect(weights.total.rawValue > plans[0].fileBytes.rawValue * 9 / 10)
        #expect(plans[0].footprint.total == plans[0].memory.total)
    }

    @Test("evicting one role leaves the weights to the other")
    func evictOneRole() async throws {
        let cache = try ModelCache(engine: LlamaEngine(options: small))
        let chat = ModelID(path: RealModels.chat, role: .chat)
        let embed = ModelID(path: RealModels.chat, role: .embed)
        let text = try await cache.withModel(chat) { llama in
            try await cache.withModel(embed) { other in
                let vectors = try await other.embed(["Hello"])
                #expect(vectors[0].count == 576)
            }
            _ = cache.unload(embed)
            let options = ReplyOptions(sampling: .greedy, maximumTokens: 8)
            return try await llama.reply(to: "Hello", options: options).text()
        }
        #expect(!text.isEmpty)
        await cache.shutdown()
    }

    @Test("a budget for one model at a time serves three in turns, never above it")
    func turns() async throws {
        let engine = LlamaEngine(options: small)
        var largest = ByteCount.zero
        for role in ModelRole.allCases {
            let plan = try await engine.plan(
                ModelID(path: RealModels.path(role), role: role),
                options: LlamaOptions(contextTokens: 256),
                minimumContext: 0,
                limits: .host(ByteCount(1 << 40))
            )
            largest = max(largest, plan.footprint.total.total)
        }
        let cache = try ModelCache(engine: engine, memory: .bytes(largest))
        for _ in 0..<3 {
            _ = try await cache.withModel(RealModels.embed, as: .embed) {
                try await $0.embed(["Hello"])
            }
            _ = try await cache.withModel(RealModels.rerank, as: .rerank) {
                try await $0.rerank("Hello", ["Goodbye"])
            }
            let options = ReplyOptions(sampling: .greedy, maximumTokens: 2)
            _ = try await cache.withModel(RealModels.chat, as: .chat) {
                try await $0.reply(to: "Hello", options: options).text()
            }
        }
        await cache.shutdown()
    }

    @Test("leases raced against cancellation and eviction leave nothing behind", arguments: 0..<4)
    func races(seed: UInt64) async throws {
        let cache = try ModelCache(engine: LlamaEngine(options: small))
        await withTaskGroup(of: Void.self) { tasks in
            for index in 0..<24 {
                var random = SeededGenerator(seed: seed * 1000 + UInt64(index))
                let isRerank = Bool.random(using: &random)
                let isCancelled = Int.random(in: 0..<3, using: &random) == 0
                let evicts = Int.random(in: 0..<4, using: &random) == 0
                tasks.addTask {
                    let path = isRerank ? RealModels.rerank : RealModels.embed
                    let role: ModelRole = isRerank ? .rerank : .embed
                    let use = Task {
                        try await cache.withModel(path, as: role) { llama in
                            if isRerank {
                                _ = try await llama.rerank("a", ["b \(index)"])
                            } else {
                                _ = try await llama.embed(["a \(index)"])
                            }
                        }
                    }
                    if isCancelled { use.cancel() }
                    if evicts { _ = cache.unload(ModelID(path: path, role: role)) }
                    do {
                        try await use.value
                    } catch {
                        // Only those that were called off may fail.
                        #expect(isCancelled, "\(error)")
                    }
                }
            }
        }
        // Whatever happened, the models serve.
        let vectors = try await cache.withModel(RealModels.embed, as: .embed) {
            try await $0.embed(["still here"])
        }
        #expect(vectors.count == 1)
        await cache.shutdown()
    }
}
