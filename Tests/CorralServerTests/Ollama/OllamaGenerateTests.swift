import CorralCache
import CorralServing
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import CorralServer

/// `/api/generate`: what the model is asked, and what is loaded and unloaded.
@Suite struct OllamaGenerateTests {
    private static let text = """
        {"choices":[{"text":" four","index":0,"finish_reason":"length"}],\(ModelAnswers.usage)}
        """

    @Test func `a prompt with a system is a conversation`() async throws {
        let fixture = try Fixture.answering { _, _ in
            .json(ModelAnswers.chat(#"{"content":"x","reasoning_content":"hm"}"#))
        }
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/generate",
                #"{"model":"tiny:latest","prompt":"p","system":"s","stream":false}"#
            )
            let answer = try response.object()
            #expect(answer["model"] as? String == "tiny:latest")
            #expect(answer["response"] as? String == "x")
            #expect(answer["thinking"] as? String == "hm")
            #expect(answer["context"] == nil)
        }
        let messages = try #require(try fixture.asked()["messages"] as? [[String: String]])
        #expect(messages.map { $0["role"] } == ["system", "user"])
        #expect(messages.map { $0["content"] } == ["s", "p"])
    }

    @Test func `a raw prompt goes to the model as it is`() async throws {
        let fixture = try Fixture.answering { _, _ in .json(Self.text) }
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/generate",
                #"{"model":"tiny","prompt":"one, two","raw":true,"format":"json","stream":false}"#
            )
            #expect(try response.object()["response"] as? String == " four")
            #expect(try response.object()["done_reason"] as? String == "length")
        }
        #expect(fixture.engine.requests.last?.path == "/v1/completions")
        let asked = try fixture.asked()
        #expect(asked["prompt"] as? String == "one, two")
        #expect((asked["json_schema"] as? [String: Any])?.isEmpty == true)
    }

    @Test func `a suffix is filled in before, and told from an error of the model`() async throws {
        let fixture = try Fixture.answering { _, _ in
            .events(
                ScriptedBody(chunks: [
                    #"data: {"content":"mid","stop":false}"# + "\n\n",
                    #"data: {"content":"","stop":true,"stop_type":"limit","tokens_evaluated":5,"#
                        + #""tokens_predicted":2,"timings":{"prompt_ms":1,"predicted_ms":2}}"#
                        + "\n\n",
                ])
            )
        }
        try await fixture.withClient { client in
            let body = #"{"model":"tiny","prompt":"a","suffix":"z"}"#
            let lines = try await client.post("/api/generate", body).lines()
            #expect(lines.map { $0["response"] as? String } == ["mid", ""])
            #expect(lines.last?["done_reason"] as? String == "length")
            #expect(lines.last?["prompt_eval_count"] as? Int == 5)
            #expect(lines.last?["eval_count"] as? Int == 2)
            fixture.engine.setAnswer { _, _ in
                .json(#"{"error":{"message":"no infill"}}"#, status: .notImplemented)
            }
            let refusal = try await client.post("/api/generate", body)
            #expect(refusal.status == .notImplemented)
            #expect(try refusal.object() as? [String: String] == ["error": "no infill"])
        }
        #expect(fixture.engine.requests.first?.path == "/infill")
        #expect(try fixture.asked()["input_suffix"] as? String == "z")
    }

    @Test(arguments: [
        #""template":"{{ .Prompt }}""#, #""context":[1,2]"#, #""raw":true,"system":"s""#,
        #""prompt":7"#, #""format":"xml""#, #""think":"hard""#, #""options":[]"#,
        #""options":{"temperature":"hot"}"#, #""options":{"stop":[1]}"#,
        #""options":{"num_ctx":1.5}"#, #""stream":"yes""#, #""images":["a",7]"#,
        #""keep_alive":"soon""#, #""priority":"now""#,
    ])
    func `what cannot be honoured is refused and says why`(member: String) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/generate",
                "{\"model\":\"tiny\",\"prompt\":\"p\",\(member)}"
            )
            #expect(response.status == .badRequest)
            let error = try response.object()
            #expect(Set(error.keys) == ["error"] && error["error"] is String)
        }
        #expect(fixture.engine.requests.isEmpty)
    }

    @Test func `options reach the model in its own words`() async throws {
        let fixture = try Fixture.answering { _, _ in .json(ModelAnswers.chat("{}")) }
        try await fixture.withClient { client in
            _ = try await client.post(
                "/api/generate",
                """
                {"model":"tiny","prompt":"p","stream":false,"options":{"num_predict":-2,
                "temperature":0.5,"top_k":7,"seed":3,"stop":"END","repeat_last_n":-1,
                "num_ctx":100000,"num_gpu":1,"min_p":null,"mirostat_tau":4.0}}
                """
            )
        }
        let asked = try fixture.asked()
        #expect(asked["max_tokens"] as? Int == -1)
        #expect(asked["temperature"] as? Double == 0.5)
        #expect(asked["top_k"] as? Int == 7 && asked["seed"] as? Int == 3)
        #expect(asked["stop"] as? [String] == ["END"])
        #expect(asked["repeat_last_n"] as? Int == 4096)
        #expect(asked["mirostat_tau"] as? Double == 4)
        for name in ["num_gpu", "num_ctx", "min_p", "options", "keep_alive"] {
            #expect(asked[name] == nil)
        }
    }

    @Test(arguments: ["/api/generate", "/api/chat"])
    func `an empty request loads, and unloads with a keep-alive of nothing`(
        path: String
    ) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let load = try await client.post(path, #"{"model":"tiny","keep_alive":"5m"}"#)
            #expect(try load.object()["done_reason"] as? String == "load")
            #expect(fixture.isResident(Fixture.chat))
            let unload = try await client.post(path, #"{"model":"tiny","keep_alive":0}"#)
            #expect(try unload.object()["done_reason"] as? String == "unload")
            #expect(try unload.object()["done"] as? Bool == true)
        }
        #expect(fixture.engine.requests.isEmpty)
        #expect(!fixture.isResident(Fixture.chat))
    }

    @Test func `the context that is asked for is what the model is loaded with`() async throws {
        let fixture = try Fixture.answering { _, _ in .json(ModelAnswers.chat("{}")) }
        try await fixture.withClient { client in
            for (name, id, tokens, expected) in [
                ("other-chat", Fixture.other, 9000, 9000), ("tiny", Fixture.chat, 100_000, 4096),
            ] {
                _ = try await client.post(
                    "/api/generate",
                    """
                    {"model":"\(name)","prompt":"p","stream":false,"options":{"num_ctx":\(tokens)}}
                    """
                )
                let model = fixture.cache.statistics.models.first { $0.id == id }
                #expect(model?.contextTokens == expected)
            }
        }
    }
}
