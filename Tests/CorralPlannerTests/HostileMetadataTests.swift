import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralTesting
import Testing

@Suite struct HostileMetadataTests {
    /// Values that no model has, or of types no key has.
    static let hostile: [GGUFBuilder.Value] = [
        0, .uint64(.max), .int32(-1), "many", .float32(.nan), .integers([1, 2, 3]),
        .array(.uint64, Array(repeating: .uint64(.max), count: layers)),
    ]

    private static let layers = SmallModel.layers

    /// One architecture for each rule that reads keys.
    static let ruled = [
        "llama", "gemma3", "gemma4", "gemma3n", "deepseek2", "deepseek32", "glm-dsa", "deepseek4",
        "minimax-01", "minimax-m3", "qwen4exp", "glm5-next", "jamba", "granitehybrid", "nemotron_h",
        "falcon-h1", "lfm2", "mamba", "qwen35", "kimi-linear", "rwkv7", "bert", "modern-bert",
        "graniteswitch", "hy_v4", "fresh",
    ]

    private func plans(_ model: SmallModel) throws -> [MemoryPlan] {
        let planner = MemoryPlanner(try model.description())
        let wide = ContextOptions(
            contextTokens: .max >> 33,
            microBatch: 4096,
            sequences: 256,
            flashAttention: .off,
            embeddings: true,
            fullWindowCache: true
        )
        return [ContextOptions(contextTokens: 4096, sequences: 4), wide].compactMap {
            try? planner.plan(LoadOptions(context: $0, contextCheckpoints: 32))
        }
    }

    @Test(arguments: ModelDescription.knownArchitectures + ["fresh"])
    func `a small model of every architecture has a plan`(architecture: String) throws {
        let plans = try plans(SmallModel(architecture))
        for plan in plans {
            #expect(plan.total[.host] > .zero)
            #expect(plan.isConservative == (architecture == "fresh"))
        }
        #expect(!plans.isEmpty)
    }

    @Test(arguments: ruled)
    func `a key that makes no sense is named or does no harm`(architecture: String) throws {
        let model = SmallModel(architecture)
        for (name, _) in model.keys {
            for value in Self.hostile.map(Optional.some) + [nil] {
                do throws(PlanError) {
                    let changed = model.changing(name, to: value)
                    let header: GGUFHeader
                    do {
                        header = try GGUFHeader(parsing: changed.builder.file().span)
                    } catch {
                        Issue.record("\(name): \(error)")
                        continue
                    }
                    let description = try ModelDescription(
                        shards: [header],
                        fileBytes: ByteCount(1 << 20)
                    )
                    let options = ContextOptions(contextTokens: 4096, sequences: 2)
                    let plan = try MemoryPlanner(description).plan(LoadOptions(context: options))
                    #expect(plan.total[.host] > .zero)
                } catch {
                    // Options may turn out impossible for the model that is left.
                    if error.code == .unsupportedOption { continue }
                    let subject = error.subject ?? ""
                    #expect(
                        subject.hasPrefix("\(architecture)."),
                        "\(name) = \(value.map { "\($0)" } ?? "none"): \(error)"
                    )
                    #expect(error.message.contains(subject))
                }
            }
        }
    }

    @Test(arguments: [
        ("block_count", GGUFBuilder.Value.uint64(1 << 40)), ("block_count", 0),
        ("block_count", .int32(-4)), ("block_count", "four"),
        ("embedding_length", .uint64(1 << 40)), ("embedding_length", 0),
        ("attention.head_count", .int32(-1)), ("attention.head_count_kv", .integers([1, 2, 3])),
        ("feed_forward_length", .array(.uint64, Array(repeating: .uint64(.max), count: 4))),
        ("context_length", .float32(4096)),
    ])
    func `a damaged key of a llama is named`(key: String, value: GGUFBuilder.Value) throws {
        let model = SmallModel("llama").changing(key, to: value)
        let error = try #require(throws: PlanError.self) { try model.description() }
        #expect(error.code == .invalidKey)
        #expect(error.subject == "llama.\(key)")
    }

    @Test(arguments: ["block_count", "embedding_length", "context_length"])
    func `a missing key of a llama is named`(key: String) throws {
        let model = SmallModel("llama").changing(key, to: nil)
        let error = try #require(throws: PlanError.self) { try model.description() }
        #expect(error.code == .missingKey)
        #expect(error.subject == "llama.\(key)")
    }

    @Test func `a file without an architecture is no model`() throws {
        let header = try GGUFHeader(parsing: GGUFBuilder().file().span)
        let error = try #require(throws: PlanError.self) {
            try ModelDescription(shards: [header], fileBytes: .zero)
        }
        #expect(error.code == .missingKey)
        #expect(error.subject == "general.architecture")
    }

    @Test func `a file of a helper model is refused by its name`() throws {
        let error = try #require(throws: PlanError.self) {
            try SmallModel("clip").description()
        }
        #expect(error.code == .notAModel)
        #expect(error.subject == "clip")
    }

    @Test func `tensors of absurd size are counted without a trap`() throws {
        var builder = SmallModel("llama").builder
        for index in builder.tensors.indices {
            builder.tensors[index].dimensions = [1 << 20, 1 << 40]
            builder.tensors[index].offset = 1 << 62
        }
        // What the parser refuses is refused there; what passes must not trap here.
        guard let header = try? GGUFHeader(parsing: builder.header().span) else { return }
        let description = try ModelDescription(shards: [header], fileBytes: .zero)
        let plan = try MemoryPlanner(description).plan(LoadOptions())
        #expect(plan.total[.host] > ByteCount(1 << 50))
    }

    @Test(arguments: [
        ("context", ContextOptions(contextTokens: 0)),
        ("context", ContextOptions(contextTokens: -1)),
        ("context", ContextOptions(contextTokens: .max)),
        ("batch", ContextOptions(batch: 0)), ("batch", ContextOptions(batch: .max)),
        ("ubatch", ContextOptions(microBatch: -1)),
        ("parallel", ContextOptions(sequences: 0)), ("parallel", ContextOptions(sequences: 257)),
        ("outputs", ContextOptions(outputs: -1)),
        ("cache-type-v", ContextOptions(flashAttention: .off, valueCacheType: .q8_0)),
    ])
    func `options llama.cpp refuses are named`(name: String, options: ContextOptions) throws {
        let planner = MemoryPlanner(try SmallModel("llama").description())
        let error = try #require(throws: PlanError.self) {
            try planner.plan(LoadOptions(context: options))
        }
        #expect(error.code == .unsupportedOption)
        #expect(error.subject == name)
    }
}
