import CorralCache
import CorralLlama
import CorralMemory
import CorralTesting
import Foundation
import Testing

/// Random histories of a cache whose models are real, each held to the cache's laws.
@Suite("Random histories over llama.cpp", .enabled(if: RealModels.areThere), .serialized)
struct OracleTests {
    private typealias Watched = WatchedEngine<LlamaEngine>

    /// Links to the small models, so that there are more of them than fit.
    private final class Herd {
        let folder: String
        let models: [ModelID]

        init() throws {
            let manager = FileManager.default
            folder = manager.temporaryDirectory.path + "/corral-\(UUID().uuidString)"
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var models: [ModelID] = []
            for number in 0..<3 {
                let path = "\(folder)/\(number).gguf"
                try manager.createSymbolicLink(
                    atPath: path,
                    withDestinationPath: RealModels.rerank
                )
                models.append(ModelID(path: path, role: .rerank))
            }
            models.append(ModelID(path: RealModels.embed, role: .embed))
            // Two roles that share their weights.
            models.append(ModelID(path: RealModels.chat, role: .chat))
            models.append(ModelID(path: RealModels.chat, role: .embed))
            self.models = models
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }
    }

    @Test("no history breaks a law of the cache", arguments: UInt64(1)...3)
    func histories(seed: UInt64) async throws {
        let herd = try Herd()
        // One thread, for those of several models would spin against each other.
        let options = LlamaOptions(contextTokens: 128, threads: 1)
        let llama = LlamaEngine(options: { _ in options })
        var sizes: [ByteCount] = []
        for model in herd.models {
            let plan = try await llama.plan(
                model,
                options: options,
                minimumContext: 0,
                limits: .host(ByteCount(1 << 40))
            )
            sizes.append(plan.footprint.total.total)
        }
        // The largest always fits, all together never.
        let largest = try #require(sizes.max())
        let budget = largest + ByteCount(sizes.reduce(0) { $0 + $1.rawValue } / 8)
        let engine = Watched(llama, budget: .host(budget))
        let cache = try ModelCache(
            engine: engine,
            host: ScriptedHost(limit: .gibibytes(64)),
            memory: .bytes(budget)
        )
        var random = SeededGenerator(seed: seed)
        for _ in 0..<6 {
            await withTaskGroup(of: Void.self) { tasks in
                for _ in 0..<8 {
                    let model = herd.models.randomElement(using: &random) ?? herd.models[0]
                    let isCancelled = Int.random(in: 0..<4, using: &random) == 0
                    switch Int.random(in: 0..<10, using: &random) {
                    case 0: _ = cache.unload(model)
                    case 1: await cache.hint([model])
                    case 2: cache.pin(model)
                    case 3: cache.unpin(model)
                    default:
                        tasks.addTask {
                            await Self.use(model, of: cache, engine, isCancelled: isCancelled)
                        }
                    }
                }
            }
            // What is pinned for ever would leave no room for the rest.
            for model in herd.models { cache.unpin(model) }
        }
        await cache.shutdown()
        #expect(engine.violations.isEmpty, "seed \(seed): \(engine.violations)")
        #expect(engine.present.isEmpty, "seed \(seed): \(engine.present) stayed")
        let counts = engine.counts
        #expect(counts.loads == counts.unloads + counts.cancellations, "seed \(seed): \(counts)")
        #expect(counts.loads > 5, "seed \(seed): \(counts)")
    }

    private static func use(
        _ model: ModelID,
        of cache: ModelCache<Watched>,
        _ engine: Watched,
        isCancelled: Bool
    ) async {
        let use = Task {
            try await cache.withModel(model) { llama in
                try await engine.using(model) {
                    switch model.role {
                    case .chat:
                        let options = ReplyOptions(sampling: .greedy, maximumTokens: 3)
                        _ = try await llama.reply(to: "Hello", options: options).text()
                    case .embed: _ = try await llama.embed(["Hello"])
                    case .rerank: _ = try await llama.rerank("Hello", ["Goodbye"])
                    }
                }
            }
        }
        if isCancelled { use.cancel() }
        do {
            try await use.value
        } catch let error as ModelCacheError where error.code == .insufficientMemory {
            // Whoever is pinned may leave no room.
        } catch {
            #expect(isCancelled, "\(model): \(error)")
        }
    }
}
