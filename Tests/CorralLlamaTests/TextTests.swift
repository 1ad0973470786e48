import CorralCache
import CorralLlama
import Testing

@Suite("Embedding and reranking with real models", .enabled(if: RealModels.areThere), .serialized)
struct TextTests {
    private func dot(_ first: [Float], _ second: [Float]) -> Float {
        zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test("texts that mean the same are nearer, and every vector has length 1")
    func meaning() async throws {
        try await withLlama(.embed) { llama in
            let vectors = try await llama.embed([
                "The cat sleeps on the sofa.", "A kitten naps on the couch.",
                "Interest rates rose by half a percent.",
            ])
            #expect(vectors.map(\.count) == [384, 384, 384])
            for vector in vectors { #expect(abs(dot(vector, vector) - 1) < 1e-5) }
            #expect(dot(vectors[0], vectors[1]) > dot(vectors[0], vectors[2]) + 0.2)
        }
    }

    @Test("texts in one batch have the vectors they have alone, in their order")
    func batches() async throws {
        try await withLlama(.embed) { llama in
            let texts = (0..<40).map { index in
                "Text \(index) " + String(repeating: "word ", count: index)
            }
            let together = try await llama.embed(texts)
            for index in [0, 7, 39] {
                let alone = try await llama.embed([texts[index]])
                #expect(dot(alone[0], together[index]) > 0.9999)
            }
        }
    }

    @Test("requests of several tasks are answered, each with its own")
    func tasks() async throws {
        try await withLlama(.embed) { llama in
            let expected = try await llama.embed(["number 3"])
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<20 {
                    tasks.addTask {
                        let vectors = try await llama.embed(["number \(index)", "number 3"])
                        #expect(dot(vectors[1], expected[0]) > 0.9999)
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test("a text beyond the context, or none, is refused with a code")
    func refusals() async throws {
        try await withLlama(.embed) { llama in
            let long = String(repeating: "word ", count: 600)
            await #expect { try await llama.embed([long]) } throws: {
                ($0 as? LlamaError)?.code == .contextOverflow
            }
            let none = try await llama.embed([])
            #expect(none.isEmpty)
        }
    }

    @Test("a score belongs to its document, whatever stands beside it")
    func scores() async throws {
        try await withLlama(.rerank) { llama in
            let documents = ["alpacas", "submarines", "llamas hum", "tax law"]
            let scores = try await llama.rerank("woolly animals", documents)
            let reversed = try await llama.rerank("woolly animals", documents.reversed())
            #expect(scores.count == 4)
            for (one, other) in zip(scores, reversed.reversed()) {
                #expect(abs(one - other) < 1e-4)
            }
            #expect(Set(scores).count == 4)
        }
    }
}
