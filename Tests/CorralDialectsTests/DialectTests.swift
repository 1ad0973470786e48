import CorralCache
import CorralJSON
import HTTPTypes
import NIOCore
import Testing

@testable import CorralDialects

/// Errors in the shape of each API.
@Suite struct DialectTests {
    private let error = RequestError(.modelNotFound, "There is no model 'x'.", parameter: "model")

    @Test func `an error has the members that each API's clients read`() {
        let openAI = #"""
            {"message":"There is no model 'x'.","type":"invalid_request_error",\#
            "param":"model","code":"model_not_found"}
            """#
        let expected: [(Dialect, String)] = [
            (.openAI, "{\"error\":\(openAI)}"), (.openAIResponses, "{\"error\":\(openAI)}"),
            (.ollama, #"{"error":"There is no model 'x'."}"#),
            (.cohere, #"{"id":"r1","message":"There is no model 'x'."}"#),
            (
                .rerank,
                "{\"error\":\(openAI),"
                    + #""message":"There is no model 'x'.","detail":"There is no model 'x'."}"#
            ),
            (
                .anthropic,
                #"""
                {"type":"error","error":{"type":"not_found_error",\#
                "message":"There is no model 'x'."},"request_id":"r1"}
                """#
            ),
        ]
        for (dialect, text) in expected {
            #expect(dialect.body(of: error, requestID: "r1").text == text)
        }
    }

    @Test func `in a stream an error is an event, and in Ollama's a line`() {
        let ollama = String(buffer: Dialect.ollama.event(of: error, requestID: "r1"))
        #expect(ollama == "{\"error\":\"There is no model 'x'.\"}\n")
        for dialect in [Dialect.openAI, .anthropic, .openAIResponses, .cohere, .rerank] {
            let event = String(buffer: dialect.event(of: error, requestID: "r1"))
            #expect(event.hasSuffix("}\n\n") && event.contains("data: {"), "\(dialect)")
        }
    }

    @Test func `a model's refusal keeps its message in every shape`() throws {
        let body = ByteBuffer(
            string: #"{"error":{"code":400,"message":"too \"long\"","type":"x"}}"#
        )
        let refusal = ModelRefusal(status: .badRequest, body: body)
        #expect(refusal.message == "too \"long\"")
        for dialect in [Dialect.openAI, .anthropic, .ollama, .cohere, .rerank] {
            let shaped = dialect.reshape(refusal, requestID: "r1")
            #expect(String(buffer: shaped).contains(#"too \"long\""#), "\(dialect)")
        }
        #expect(refusal.failure(redact: { $0 }) == nil)
    }

    @Test func `a model that fails is told of without its paths`() {
        let refusal = ModelRefusal(
            status: .internalServerError,
            body: ByteBuffer(string: #"{"error":{"message":"/a/b broke"}}"#)
        )
        let failure = refusal.failure { $0.replacing("/a/b", with: "b") }
        #expect(failure?.message == "The model failed: b broke" && failure?.retryAfter == 1)
    }
}

/// Ollama's requests and answers, without a server.
@Suite struct OllamaTranslationTests {
    private func fields(_ text: String) throws -> RequestFields {
        try RequestFields(OllamaGeneration.fields, of: ByteBuffer(string: text))
    }

    private func translation(_ kind: OllamaTranslation.Kind) -> OllamaTranslation {
        OllamaTranslation(
            kind,
            model: "m",
            showsThinking: true,
            elapsed: { .seconds(2) },
            loadTime: .seconds(1),
            clock: WallClock { 0 }
        )
    }

    @Test func `a chat is asked in OpenAI's shape, with the defaults of its name`() throws {
        let request = try OllamaGeneration(
            .chat,
            try fields(
                #"{"messages":[{"role":"user","content":"hi"}],"options":{"num_predict":7},"stream":false}"#
            ),
            name: "m",
            trainedContext: 4096,
            defaults: OllamaDefaults(system: "Be short.", contextTokens: 9000, stops: ["END"])
        )
        #expect(request.path == "/v1/chat/completions" && request.contextTokens == 4096)
        #expect(
            String(buffer: request.body) == #"""
                {"model":"m","stream":false,"max_tokens":7,"stop":["END"],"messages":[\#
                {"role":"system","content":"Be short."},{"role":"user","content":"hi"}]}
                """#
        )
    }

    @Test func `deltas become lines, wherever their events are cut`() throws {
        let events = ["H", "i"].map {
            "data: {\"choices\":[{\"delta\":{\"content\":\"\($0)\"}}]}\n\n"
        }
        let end =
            #"data: {"choices":[{"delta":{},"finish_reason":"length"}]}"# + "\n\ndata: [DONE]\n\n"
        let text = events.joined() + end
        for cut in stride(from: 0, through: text.utf8.count, by: 7) {
            var translation = translation(.generate)
            var lines = try translation.events(ByteBuffer(bytes: text.utf8.prefix(cut)))
            lines.writeImmutableBuffer(
                try translation.events(ByteBuffer(bytes: text.utf8.dropFirst(cut)))
            )
            lines.writeImmutableBuffer(try translation.end())
            let told = String(buffer: lines).split(separator: "\n")
            #expect(told.count == 3, "cut at \(cut)")
            #expect(told[0].contains(#""response":"H""#) && told[1].contains(#""response":"i""#))
            #expect(told[2].contains(#""done":true,"done_reason":"length""#))
            #expect(told[2].contains(#""total_duration":2000000000,"load_duration":1000000000"#))
        }
    }

    @Test func `an answer that breaks off is an error`() throws {
        var translation = translation(.chat)
        _ = try translation.events(ByteBuffer(string: "data: {\"choices\":[]}\n\n"))
        let error = #expect(throws: RequestError.self) { try translation.end() }
        #expect(error?.code == .modelFailed)
    }

    @Test func `an error in the stream is thrown with its message`() throws {
        var translation = translation(.chat)
        let event = ByteBuffer(
            string: #"data: {"error":{"code":500,"message":"no slot"}}"# + "\n\n"
        )
        let error = #expect(throws: RequestError.self) { try translation.events(event) }
        #expect(error?.code == .modelFailed && error?.message == "no slot")
    }
}

/// Embeddings and ranks, without a server.
@Suite struct VectorTranslationTests {
    @Test func `an embedding is cut to a unit vector, in numbers and in base64`() throws {
        // 3, 4 and 12 as 32-bit floats, the lowest byte first.
        let text = "AABAQAAAgEAAAEBB"
        let body = ByteBuffer(
            string: #"{"data":[{"embedding":"\#(text)"}],"usage":{"prompt_tokens":2}}"#
        )
        var translation = EmbeddingTranslation(dimensions: 2, isBase64: false)
        let answer = String(buffer: try translation.whole(body))
        #expect(answer.contains(#""embedding":[0.6,0.8]"#), "\(answer)")
        var wide = EmbeddingTranslation(dimensions: 4, isBase64: false)
        let error = #expect(throws: RequestError.self) { try wide.whole(body) }
        #expect(error?.parameter == "dimensions")
    }

    @Test func `a rank of no document is an error`() throws {
        let fields = try RequestFields(
            RerankRequest.fields,
            of: ByteBuffer(string: #"{"query":"q","documents":["a"]}"#)
        )
        var translation = RerankTranslation(
            api: .cohere,
            request: try RerankRequest(fields, name: "m"),
            requestID: "r1"
        )
        let error = #expect(throws: RequestError.self) {
            try translation.whole(
                ByteBuffer(string: #"{"results":[{"index":1,"relevance_score":0.5}]}"#)
            )
        }
        #expect(error?.code == .modelFailed)
    }
}
