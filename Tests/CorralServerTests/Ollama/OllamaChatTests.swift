import CorralCache
import CorralServing
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// `/api/chat`, as a client of Ollama sees it and as the model does.
@Suite struct OllamaChatTests {
    private static let question =
        #"{"model":"tiny","messages":[{"role":"user","content":"hi"}],"stream":false}"#

    private func fixture(_ message: String, finish: String = "stop") throws -> Fixture {
        try .answering { _, _ in .json(ModelAnswers.chat(message, finish: finish)) }
    }

    private func stream(_ chunks: [String], then error: (any Error)? = nil) throws -> Fixture {
        try .answering { _, _ in .events(ScriptedBody(chunks: chunks, then: error)) }
    }

    @Test func `a whole answer has the message, the reason and the times in nanoseconds`()
        async throws
    {
        let fixture = try fixture(#"{"role":"assistant","content":"ho \"ho\""}"#)
        try await fixture.withClient { client in
            let response = try await client.post("/api/chat", Self.question)
            #expect(response.headers[.contentType] == "application/json; charset=utf-8")
            #expect(response.headers[.contentLength] == "\(response.body.readableBytes)")
            let answer = try response.object()
            #expect(answer["model"] as? String == "tiny")
            #expect(answer["created_at"] as? String == "2026-03-01T09:30:00.250Z")
            let message = try #require(answer["message"] as? [String: Any])
            #expect(message["role"] as? String == "assistant")
            #expect(message["content"] as? String == "ho \"ho\"")
            #expect(answer["done"] as? Bool == true)
            #expect(answer["done_reason"] as? String == "stop")
            #expect(answer["prompt_eval_count"] as? Int == 11)
            #expect(answer["prompt_eval_duration"] as? Int == 12_500_000)
            #expect(answer["eval_count"] as? Int == 3)
            #expect(answer["eval_duration"] as? Int == 30_250_000)
            let total = try #require(answer["total_duration"] as? Int)
            #expect(total >= (answer["load_duration"] as? Int ?? .max))
        }
    }

    @Test func `a name brings along what its Modelfile says, unless the request says otherwise`()
        async throws
    {
        var facts = ServedFacts()
        facts.defaults["bard"] = ServedDefaults(
            system: "Speak in verse.",
            contextTokens: 2048,
            stops: ["THE END"]
        )
        let fixture = try Fixture(
            engine: ScriptedEngine(answer: { _, _ in
                .json(ModelAnswers.chat(#"{"role":"assistant","content":"ho"}"#))
            }),
            entries: [
                ServedEntry(
                    name: "m",
                    aliases: ["bard"],
                    id: Fixture.chat,
                    contextTokens: 4096,
                    facts: facts
                )
            ]
        )
        @Sendable func roles() throws -> [String] {
            let messages = try #require(try fixture.asked()["messages"] as? [[String: Any]])
            return messages.compactMap { $0["role"] as? String }
        }
        try await fixture.withClient { client in
            let hi = #""messages":[{"role":"user","content":"hi"}],"stream":false"#
            _ = try await client.post("/api/chat", "{\"model\":\"Bard\",\(hi)}")
            #expect(try roles() == ["system", "user"])
            #expect(try fixture.asked()["stop"] as? [String] == ["THE END"])
            _ = try await client.post("/api/chat", "{\"model\":\"m\",\(hi)}")
            #expect(try roles() == ["user"])
            #expect(try fixture.asked()["stop"] == nil)
            let own = #""messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]"#
            _ = try await client.post(
                "/api/chat",
                "{\"model\":\"bard\",\"options\":{\"stop\":[\".\"]},\(own),\"stream\":false}"
            )
            #expect(try roles() == ["system", "user"])
            #expect(try fixture.asked()["stop"] as? [String] == ["."])
            _ = try await client.post(
                "/api/generate",
                #"{"model":"bard","prompt":"hi","stream":false}"#
            )
            #expect(try roles() == ["system", "user"])
            let shown = try await client.post("/api/show", #"{"model":"bard"}"#).object()
            #expect(shown["system"] as? String == "Speak in verse.")
            #expect(shown["parameters"] as? String == "num_ctx 2048\nstop \"THE END\"")
        }
    }

    @Test func `a stream has a line for each piece and ends with one that is done`() async throws {
        let fixture = try stream([
            ModelAnswers.delta(#"{"role":"assistant","content":null}"#),
            ModelAnswers.delta(#"{"content":"a"}"#) + ": ping\n\n"
                + ModelAnswers.delta(#"{"content":"b"}"#),
            ModelAnswers.end("length"),
        ])
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/chat",
                #"{"model":"tiny-chat","messages":[{"role":"user","content":"hi"}]}"#
            )
            #expect(response.headers[.contentType] == "application/x-ndjson")
            let lines = try response.lines()
            let texts = lines.map { ($0["message"] as? [String: Any])?["content"] as? String }
            #expect(texts == ["a", "b", ""])
            #expect(lines.map { $0["done"] as? Bool } == [false, false, true])
            #expect(lines.last?["done_reason"] as? String == "length")
            #expect(lines.last?["eval_count"] as? Int == 3)
            #expect(lines.first?["eval_count"] == nil)
        }
        #expect(try fixture.asked()["stream"] as? Bool == true)
    }

    @Test func `a stream that is cut anywhere in its events has the same lines`() async throws {
        let whole = ModelAnswers.delta(#"{"content":"ä"}"#) + ModelAnswers.end()
        for length in [1, 7, 50] {
            let bytes = Array(whole.utf8)
            let chunks = stride(from: 0, to: bytes.count, by: length).map {
                Array(bytes[$0..<min($0 + length, bytes.count)])
            }
            let fixture = try Fixture.answering { _, _ in
                .events(
                    ScriptedBody { $0 < chunks.count ? .init(bytes: chunks[$0]) : nil }
                )
            }
            try await fixture.withClient { client in
                let response = try await client.post(
                    "/api/chat",
                    #"{"model":"tiny","messages":[{"role":"user","content":"x"}]}"#
                )
                let lines = try response.lines()
                #expect(lines.count == 2)
                #expect((lines[0]["message"] as? [String: Any])?["content"] as? String == "ä")
            }
        }
    }

    @Test func `what a model thinks is thinking, unless that is off`() async throws {
        let chunks = [
            ModelAnswers.delta(#"{"reasoning_content":"hm"}"#),
            ModelAnswers.delta(#"{"content":"a"}"#), ModelAnswers.end(),
        ]
        for (think, expected) in [("true", "hm"), ("\"low\"", "hm"), ("false", nil)] {
            let fixture = try stream(chunks)
            try await fixture.withClient { client in
                let response = try await client.post(
                    "/api/chat",
                    """
                    {"model":"tiny","think":\(think),"messages":[{"role":"user","content":"x"}]}
                    """
                )
                let first = try #require(try response.lines().first?["message"] as? [String: Any])
                #expect(first["thinking"] as? String == expected)
            }
            let template = try fixture.asked()["chat_template_kwargs"] as? [String: Any]
            #expect(template?["enable_thinking"] as? Bool == (think != "false"))
        }
    }

    @Test func `a call that comes in pieces is one call with an object of arguments`()
        async throws
    {
        let fixture = try stream([
            ModelAnswers.delta(
                #"{"tool_calls":[{"index":0,"id":"c1","function":{"name":"sum","arguments":"{\"a"}}]}"#
            ),
            ModelAnswers.delta(
                #"{"tool_calls":[{"index":0,"function":{"arguments":"\":\n1}"}}]}"#
            ),
            ModelAnswers.end("tool_calls"),
        ])
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/chat",
                """
                {"model":"tiny","tools":[{"type":"function","function":{"name":"sum"}}],
                "tool_choice":"required",
                "messages":[{"role":"user","content":"1+1"}]}
                """
            )
            let lines = try response.lines()
            #expect(lines.count == 2)
            let message = try #require(lines[0]["message"] as? [String: Any])
            let calls = try #require(message["tool_calls"] as? [[String: Any]])
            let function = try #require(calls.first?["function"] as? [String: Any])
            #expect(function["name"] as? String == "sum")
            #expect((function["arguments"] as? [String: Int]) == ["a": 1])
            #expect(lines[1]["done_reason"] as? String == "stop")
        }
        #expect((try fixture.asked()["tools"] as? [[String: Any]])?.count == 1)
        #expect(try fixture.asked()["tool_choice"] as? String == "required")
    }

    @Test func `a call that the model did not finish is no call, and its text is kept`()
        async throws
    {
        let fixture = try fixture(
            #"{"content":"","tool_calls":[{"function":{"name":"sum","arguments":"{\"a"}}]}"#,
            finish: "length"
        )
        try await fixture.withClient { client in
            let answer = try await client.post("/api/chat", Self.question).object()
            let message = try #require(answer["message"] as? [String: Any])
            #expect(message["tool_calls"] == nil)
            #expect(message["content"] as? String == "{\"a")
        }
    }

    @Test func `calls and their results reach the model as OpenAI's`() async throws {
        let fixture = try fixture(#"{"content":"3"}"#)
        try await fixture.withClient { client in
            _ = try await client.post(
                "/api/chat",
                """
                {"model":"tiny","stream":false,"messages":[
                {"role":"user","content":"?"},
                {"role":"assistant","thinking":"hm","tool_calls":[
                {"function":{"name":"a","arguments":{"x":[1]}}},{"function":{"name":"b"}}]},
                {"role":"tool","tool_name":"b","content":"two"},
                {"role":"tool","tool_name":"a","content":"one"}]}
                """
            )
        }
        let messages = try #require(try fixture.asked()["messages"] as? [[String: Any]])
        #expect(messages[1]["reasoning_content"] as? String == "hm")
        let calls = try #require(messages[1]["tool_calls"] as? [[String: Any]])
        let functions = calls.compactMap { $0["function"] as? [String: Any] }
        #expect(functions.map { $0["arguments"] as? String } == ["{\"x\":[1]}", "{}"])
        let ids = calls.map { $0["id"] as? String }
        #expect(messages[2]["tool_call_id"] as? String == ids[1])
        #expect(messages[3]["tool_call_id"] as? String == ids[0])
    }

    @Test func `images become parts of the message and never addresses`() async throws {
        let fixture = try fixture(#"{"content":"a cat"}"#)
        try await fixture.withClient { client in
            _ = try await client.post(
                "/api/chat",
                """
                {"model":"tiny","stream":false,"messages":[
                {"role":"user","content":"what?","images":["iVBORw0KGgo=","file:///etc/passwd"]}]}
                """
            )
        }
        let messages = try #require(try fixture.asked()["messages"] as? [[String: Any]])
        let parts = try #require(messages[0]["content"] as? [[String: Any]])
        #expect(parts[0]["text"] as? String == "what?")
        let addresses = parts.dropFirst().map { ($0["image_url"] as? [String: String])?["url"] }
        #expect(addresses[0] == "data:image/png;base64,iVBORw0KGgo=")
        #expect(addresses[1]?.hasPrefix("data:image/") == true)
    }

    @Test(arguments: [
        (#""json""#, ["type": "json_object"]),
        (#"{"type":"array"}"#, ["type": "json_schema"]),
    ])
    func `a format binds the answer`(format: String, expected: [String: String]) async throws {
        let fixture = try fixture(#"{"content":"{}"}"#)
        try await fixture.withClient { client in
            _ = try await client.post(
                "/api/chat",
                """
                {"model":"tiny","stream":false,"format":\(format),\
                "messages":[{"role":"user","content":"?"}]}
                """
            )
        }
        let sent = try #require(try fixture.asked()["response_format"] as? [String: Any])
        #expect(sent["type"] as? String == expected["type"])
        if sent["type"] as? String == "json_schema" {
            let schema = (sent["json_schema"] as? [String: Any])?["schema"] as? [String: String]
            #expect(schema == ["type": "array"])
        }
    }

    @Test func `a crash in mid-stream is a line with an error`() async throws {
        let fixture = try stream(
            [ModelAnswers.delta(#"{"content":"a"}"#), "data: {\"cut"],
            then: RelayTests.crash
        )
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/chat",
                #"{"model":"tiny","messages":[{"role":"user","content":"x"}]}"#
            )
            let lines = try response.lines()
            #expect(lines.count == 2)
            let error = try #require(lines[1]["error"] as? String)
            #expect(error.contains("tiny-chat") && !error.contains("/models"))
        }
    }

    @Test(arguments: [
        #"data: {"error":{"code":500,"message":"the GPU is lost"}}"# + "\n\n", "data: [DONE]\n\n",
    ])
    func `a stream that fails or breaks off is never done`(end: String) async throws {
        let fixture = try stream([ModelAnswers.delta(#"{"content":"a"}"#), end])
        try await fixture.withClient { client in
            let response = try await client.post(
                "/api/chat",
                #"{"model":"tiny","messages":[{"role":"user","content":"x"}]}"#
            )
            let lines = try response.lines()
            #expect(lines.last?["error"] is String)
            #expect(!lines.contains { $0["done"] as? Bool == true })
        }
    }
}
