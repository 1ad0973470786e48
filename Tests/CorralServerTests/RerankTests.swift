import CorralServing
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// Ranking for clients of Cohere, of Jina, and of llama-server itself.
@Suite struct RerankTests {
    private static let answer = """
        {"model":"m","object":"list","usage":{"prompt_tokens":9,"total_tokens":9},"results":[
        {"index":1,"relevance_score":0.75},{"index":0,"relevance_score":-2.5e-1}]}
        """

    private func fixture() throws -> Fixture { try .answering { _, _ in .json(Self.answer) } }

    @Test func `texts alone pass as they are, and so does the answer`() async throws {
        let fixture = try fixture()
        let body = #"{"model":"tiny-rerank","query":"q","documents":["a","b"],"top_n":2}"#
        try await fixture.withClient { client in
            let response = try await client.post("/v1/rerank", body)
            #expect(response.text == Self.answer)
        }
        #expect(fixture.engine.requests.map { String(buffer: $0.body) } == [body])
    }

    @Test func `documents come back where they are asked for, as they were sent`() async throws {
        let fixture = try fixture()
        try await fixture.withClient { client in
            let response = try await client.post(
                "/v1/rerank",
                """
                {"model":"tiny-rerank","query":"q","return_documents":true,
                "documents":["a",{"text":"b","id":7}]}
                """
            )
            let answer = try response.object()
            let results = try #require(answer["results"] as? [[String: Any]])
            #expect(results.map { $0["index"] as? Int } == [1, 0])
            #expect(results[1]["relevance_score"] as? Double == -0.25)
            let documents = results.compactMap { $0["document"] as? [String: Any] }
            #expect(documents.map { $0["text"] as? String } == ["b", "a"])
            #expect(documents[0]["id"] as? Int == 7)
            #expect((answer["usage"] as? [String: Int])?["total_tokens"] == 9)
        }
        #expect(try fixture.asked()["documents"] as? [String] == ["a", "b"])
        #expect(try fixture.asked()["return_documents"] == nil)
    }

    @Test func `Cohere's second version has its own shape`() async throws {
        let fixture = try fixture()
        try await fixture.withClient { client in
            let response = try await client.post(
                "/v2/rerank",
                #"{"model":"tiny-rerank","query":"q","documents":["a","b"],"top_n":2}"#
            )
            let answer = try response.object()
            #expect(Set(answer.keys) == ["id", "results", "meta"])
            #expect((answer["results"] as? [Any])?.count == 2)
        }
        #expect(fixture.engine.requests.last?.path == "/v1/rerank")
        #expect(try fixture.asked()["top_n"] as? Int == 2)
    }

    @Test(arguments: [
        #""documents":[]"#, #""documents":"a""#, #""documents":[{"image":"x"}]"#, #""query":1"#,
        #""documents":["a"],"top_n":0"#, #""documents":["a"],"return_documents":"yes""#,
    ])
    func `what makes no sense is refused in Cohere's words`(member: String) async throws {
        let fixture = try fixture()
        try await fixture.withClient { client in
            let response = try await client.post(
                "/v2/rerank",
                "{\"model\":\"tiny-rerank\",\"query\":\"q\",\(member)}"
            )
            #expect(response.status == .badRequest)
            #expect(try response.object()["message"] is String)
        }
        #expect(fixture.engine.requests.isEmpty)
    }

    @Test func `an error on the shared path is read by clients of all three`() async throws {
        let fixture = try fixture()
        fixture.engine.setAnswer { _, _ in
            .json(#"{"error":{"code":400,"message":"too long","type":"x"}}"#, status: .badRequest)
        }
        try await fixture.withClient { client in
            let answers = [
                try await client.post("/v1/rerank", #"{"model":"nobody"}"#),
                try await client.post("/v1/rerank", #"{"model":"tiny-rerank"}"#),
            ]
            for answer in answers {
                let body = try answer.object()
                let message = (body["error"] as? [String: Any])?["message"] as? String
                #expect(message?.isEmpty == false)
                #expect(body["message"] as? String == message)
                #expect(body["detail"] as? String == message)
            }
            let cohere = try await client.post(
                "/v2/rerank",
                #"{"model":"tiny-rerank","query":"q","documents":["a"]}"#
            )
            #expect(cohere.status == .badRequest)
            #expect(try cohere.object()["message"] as? String == "too long")
        }
    }
}
