import CorralCache
import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralTesting
import Testing

@testable import CorralCatalogue

struct ModelFactsTests {
    private func facts(_ build: (inout GGUFBuilder) -> Void) throws -> ModelFacts {
        var builder = GGUFBuilder()
        build(&builder)
        let file = builder.file()
        let header = try GGUFHeader(parsing: file.span, fileSize: UInt64(file.count))
        return try ModelFacts(shards: [header], fileBytes: ByteCount(clamping: file.count))
    }

    /// A model of two layers, as small as llama.cpp takes.
    private func tiny(_ architecture: String, _ builder: inout GGUFBuilder) {
        builder.set("general.architecture", .string(architecture))
        builder.set("general.name", "Small")
        builder.set("general.file_type", 15)
        for (key, value): (String, UInt32) in [
            ("block_count", 2), ("context_length", 8192), ("embedding_length", 64),
            ("feed_forward_length", 128), ("attention.head_count", 4), ("vocab_size", 3),
        ] {
            builder.set("\(architecture).\(key)", .uint32(value))
        }
        builder.addTensor("token_embd.weight", .init(rawValue: 0), [64, 3])
    }

    @Test func `a decoder is a chat model`() throws {
        let facts = try facts { tiny("llama", &$0) }
        #expect(facts.role == .chat)
        #expect(facts.kind == .model)
        #expect(facts.title == "Small")
        #expect(facts.quantization == "Q4_K_M")
        #expect(facts.trainingContext == 8192)
        #expect(facts.embeddingWidth == 64)
        #expect(facts.parameterCount == 192)
    }

    @Test(arguments: [
        (UInt32(1), ModelRole.embed), (2, .embed), (3, .embed), (4, .rerank), (0, .chat),
    ])
    func `pooling decides the role of a decoder`(pooling: UInt32, role: ModelRole) throws {
        let facts = try facts { builder in
            tiny("qwen3", &builder)
            builder.set("qwen3.pooling_type", .uint32(pooling))
        }
        #expect(facts.role == role)
    }

    @Test(arguments: [("cls.output.weight", ModelRole.rerank), ("extra.weight", .embed)])
    func `a head over an encoder makes a reranker`(tensor: String, role: ModelRole) throws {
        let facts = try facts { builder in
            tiny("bert", &builder)
            builder.addTensor(tensor, .init(rawValue: 0), [64, 1])
        }
        #expect(facts.role == role)
    }

    @Test(arguments: [
        ("mmproj", "llama", ModelFacts.Kind.projector), ("model", "clip", .projector),
        ("adapter", "llama", .helper("an adapter")),
        ("imatrix", "", .helper("an importance matrix")),
    ])
    func `files that are no models by themselves are told apart`(
        type: String,
        architecture: String,
        kind: ModelFacts.Kind
    ) throws {
        let facts = try facts { builder in
            builder.set("general.type", .string(type))
            builder.set("general.architecture", .string(architecture))
            builder.addTensor("a", .init(rawValue: 0), [64])
        }
        #expect(facts.kind == kind)
    }

    @Test func `a model that lacks a key is refused with the key's name`() {
        let error = #expect(throws: PlanError.self) {
            _ = try facts { builder in
                builder.set("general.architecture", "llama")
                builder.addTensor("token_embd.weight", .init(rawValue: 0), [64, 3])
            }
        }
        #expect(error?.subject?.hasPrefix("llama.") == true)
    }
}
