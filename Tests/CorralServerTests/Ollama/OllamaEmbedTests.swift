import CorralCache
import CorralServing
import CorralTesting
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// `/api/embed` and `/api/embeddings`.
@Suite struct OllamaEmbedTests {
    /// The vector (3, 4, 0) as floats in base64.
    private static let base64 = "AABAQAAAgEAAAAAA"

    private static func answer(_ embedding: String) -> UpstreamResponse {
        .json(
            """
            {"model":"m","object":"list","usage":{"prompt_tokens":5,"total_tokens":5},"data":[
            {"embedding":\(embedding),"index":0,"object":"embedding"}]}
            """
        )
    }

    @Test func `embeddings pass digit for digit`() async throws {
        let fixture = try Fixture.answering { _, _ in Self.answer("[0.1,-2.50e-3]") }
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/embed",
                #"{"model":"tiny-embed","input":["a \"b\""]}"#
            )
            #expect(response.text.contains("\"embeddings\":[[0.1,-2.50e-3]]"))
            #expect(try response.object()["prompt_eval_count"] as? Int == 5)
            let legacy = try await client.post(
                "/api/embeddings",
                #"{"model":"tiny-embed","prompt":"a"}"#
            )
            #expect(legacy.text == "{\"embedding\":[0.1,-2.50e-3]}")
        }
        #expect(try fixture.asked()["input"] as? [String] == ["a"])
        #expect(fixture.engine.requests.first?.path == "/v1/embeddings")
    }

    @Test func `fewer dimensions are the first, as long as one again`() async throws {
        let fixture = try Fixture.answering { _, _ in Self.answer("\"\(Self.base64)\"") }
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/embed",
                #"{"model":"tiny-embed","input":"a","dimensions":2}"#
            )
            let vectors = try response.object()["embeddings"] as? [[Double]]
            #expect(vectors?.first?.count == 2)
            #expect(abs((vectors?.first?[0] ?? 0) - 0.6) < 1e-6)
            let openAI = try await client.post(
                "/v1/embeddings",
                #"{"model":"tiny-embed","input":"a","dimensions":3,"encoding_format":"base64"}"#
            )
            let data = try #require(try openAI.object()["data"] as? [[String: Any]])
            #expect(data.first?["embedding"] as? String == Self.base64)
            #expect((try openAI.object()["usage"] as? [String: Int])?["total_tokens"] == 5)
            let tooMany = try await client.post(
                "/v1/embeddings",
                #"{"model":"tiny-embed","input":"a","dimensions":4}"#
            )
            #expect(tooMany.status == .badRequest)
            #expect(try tooMany.openAIError()["param"] as? String == "dimensions")
        }
        #expect(try fixture.asked()["encoding_format"] as? String == "base64")
    }

    @Test(arguments: ["0", "-1", "1.5", "\"3\""])
    func `dimensions that are none are refused`(dimensions: String) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            for path in ["/api/embed", "/v1/embeddings"] {
                let response = try await client.post(
                    path,
                    "{\"model\":\"tiny-embed\",\"input\":\"a\",\"dimensions\":\(dimensions)}"
                )
                #expect(response.status == .badRequest)
            }
        }
    }

    @Test func `a text that is too long is cut and still ends as texts do`() async throws {
        let tokens = (0..<5000).map(String.init).joined(separator: ",")
        let fixture = try Fixture.answering { request, _ in
            request.path == "/tokenize"
                ? .json("{\"tokens\":[\(tokens)]}") : Self.answer("[1]")
        }
        let long = String(repeating: "word ", count: 2000)
        try await fixture.withClient { client in
            let body = "{\"model\":\"tiny-embed\",\"input\":[\"short\",\"\(long)\"]"
            _ = try await client.post("/api/embed", body + "}")
            let input = try #require(try fixture.asked()["input"] as? [Any])
            #expect(input[0] as? String == "short")
            let cut = try #require(input[1] as? [Int])
            #expect(cut == Array(0..<4095) + [4999])
            _ = try await client.post("/api/embed", body + ",\"truncate\":false}")
            #expect((try fixture.asked()["input"] as? [String])?.last == long)
        }
        #expect(fixture.engine.requests.filter { $0.path == "/tokenize" }.count == 1)
    }

    @Test func `no texts load the model`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            for (path, member) in [("/api/embed", "input"), ("/api/embeddings", "prompt")] {
                let response = try await client.post(
                    path,
                    "{\"model\":\"tiny-embed\",\"\(member)\":\"\"}"
                )
                #expect(response.status == .ok)
            }
            let refused = try await client.post(
                "/api/embed",
                #"{"model":"tiny-embed","input":[1,2]}"#
            )
            #expect(refused.status == .badRequest)
            #expect(fixture.isResident(Fixture.embed))
        }
        #expect(fixture.engine.requests.isEmpty)
    }
}
