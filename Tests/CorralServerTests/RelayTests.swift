import CorralCache
import CorralServing
import CorralTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import CorralServer

/// How answers are passed on, and what becomes of those that fail.
@Suite struct RelayTests {
    static let crash = ServedModelError(
        .ended,
        message: "llama-server was killed by signal 9 (/models/tiny/chat.gguf)"
    )
    static let chat = "{\"model\":\"tiny-chat\",\"stream\":true}"

    private func fixture(_ answer: UpstreamResponse) throws -> Fixture {
        try Fixture(engine: ScriptedEngine(answer: { _, _ in answer }))
    }

    @Test func `a stream passes unchanged`() async throws {
        let chunks = ["data: {\"a\":1}\n\n", "data: {\"a\"", ":2}\n", "\ndata: [DONE]\n\n"]
        let fixture = try fixture(.events(ScriptedBody(chunks: chunks)))
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.headers[.contentType] == "text/event-stream")
            #expect(response.text == chunks.joined())
        }
    }

    @Test func `a stream that ends without a last line end passes whole`() async throws {
        let fixture = try fixture(.events(ScriptedBody(chunks: ["data: 1\n\n", "data: 2"])))
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.text == "data: 1\n\ndata: 2")
        }
    }

    @Test(arguments: [
        ("/v1/chat/completions", "data: {\"error\":{\"message\":"),
        ("/v1/completions", "data: {\"error\":{\"message\":"),
        (
            "/v1/responses",
            "event: error\ndata: {\"type\":\"error\",\"code\":\"model_failed\",\"message\":"
        ),
        (
            "/v1/messages",
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
        ),
    ])
    func `a crash in mid-stream becomes an event of the API's own`(
        path: String,
        event: String
    ) async throws {
        // The last event is cut in the middle: its first half must not reach the client.
        let body = ScriptedBody(chunks: ["data: 1\n\n", "data: {\"cut"], then: Self.crash)
        let fixture = try fixture(.events(body))
        try await fixture.withClient { client in
            let response = try await client.post(path, Self.chat)
            #expect(response.status == .ok)
            #expect(response.text.hasPrefix("data: 1\n\n" + event), "\(response.text)")
            #expect(response.text.hasSuffix("}\n\n"))
            #expect(!response.text.contains("cut") && !response.text.contains("[DONE]"))
            #expect(response.text.contains("tiny-chat") && !response.text.contains("/models"))
        }
    }

    @Test func `a crash in a short answer is a 502`() async throws {
        let answer = UpstreamResponse(
            status: .ok,
            headers: [.contentType: "application/json", .contentLength: "20"],
            body: ScriptedBody(chunks: ["{\"half\":"], then: Self.crash)
        )
        let fixture = try fixture(answer)
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.status == .badGateway)
            #expect(try response.openAIError()["code"] as? String == "model_failed")
        }
    }

    @Test func `a crash in a long answer cuts the connection`() async throws {
        let answer = UpstreamResponse(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ScriptedBody(chunks: ["{\"half\":"], then: Self.crash)
        )
        let fixture = try fixture(answer)
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                let text = try await raw.readToEnd()
                #expect(text.contains("{\"half\":"))
                // The end of a chunked body is a chunk of no bytes.
                #expect(!text.contains("\r\n0\r\n"))
            }
        }
    }

    @Test(arguments: [HTTPResponse.Status.badRequest, .notFound, .notImplemented])
    func `a model's own refusals pass`(status: HTTPResponse.Status) async throws {
        let text = #"{"error":{"code":400,"message":"the \"prompt\" is too long","type":"x"}}"#
        let fixture = try fixture(.json(text, status: status))
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.status == status && response.text == text)
        }
    }

    @Test(arguments: [HTTPResponse.Status.internalServerError, .serviceUnavailable])
    func `a model's own failures are this server's to report`(
        status: HTTPResponse.Status
    ) async throws {
        let text = #"{"error":{"code":500,"message":"no slot is left","type":"x"}}"#
        let fixture = try fixture(.json(text, status: status))
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.status == .badGateway && response.text.contains("no slot is left"))
            #expect(response.headers[.retryAfter] == "1")
        }
    }

    @Test func `a model's own errors are put into Anthropic's shape`() async throws {
        let text = #"{"error":{"code":400,"message":"the \"prompt\" is too long","type":"x"}}"#
        let fixture = try fixture(.json(text, status: .badRequest))
        try await fixture.withClient { client in
            let response = try await client.post("/v1/messages", Self.chat)
            #expect(response.status == .badRequest)
            let error = try response.anthropicError()
            #expect(error["type"] as? String == "invalid_request_error")
            #expect(error["message"] as? String == "the \"prompt\" is too long")
            #expect(response.headers[.contentLength] == "\(response.body.readableBytes)")
        }
    }

    @Test func `errors in Anthropic's shape stay as they are`() async throws {
        let text = #"{"type":"error","error":{"type":"invalid_request_error","message":"m"}}"#
        let fixture = try fixture(.json(text, status: .badRequest))
        try await fixture.withClient { client in
            let response = try await client.post("/v1/messages", Self.chat)
            #expect(response.text == text)
        }
    }

    @Test(arguments: [(1, HTTPResponse.Status.ok), (9, .badGateway)])
    func `a model that ended before it was asked is asked again, once`(
        failures: Int,
        status: HTTPResponse.Status
    ) async throws {
        let attempts = Counter()
        let fixture = try Fixture(
            engine: ScriptedEngine(answer: { request, _ in
                if attempts.next() <= failures {
                    throw ServedModelError(.notDelivered, message: "connection refused")
                }
                return .echo(request)
            })
        )
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.status == status)
        }
        #expect(attempts.count == 2)
    }

    @Test func `after a reload the wait that is told and logged is for the model that answered`()
        async throws
    {
        let (clock, attempts) = (ManualClock(), Counter())
        let log = RecordedLog(level: .info)
        let fixture = try Fixture(
            engine: ScriptedEngine(answer: { request, _ in
                guard attempts.next() > 1 else {
                    clock.advance(by: .seconds(3))
                    throw ServedModelError(.notDelivered, message: "connection refused")
                }
                return .echo(request)
            }),
            logger: log.logger,
            clock: clock
        )
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.headers[.loadTime] == "3000")
        }
        let finished = try #require(log.lines.first { $0.message == "Finished" })
        #expect(finished.metadata["waited_seconds"]?.description == "3.0")
    }

    @Test func `a model that ended in the middle is not asked again`() async throws {
        let fixture = try Fixture(engine: ScriptedEngine(answer: { _, _ in throw Self.crash }))
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.status == .badGateway)
        }
        #expect(fixture.engine.requests.count == 1)
    }

    @Test func `a lease lasts exactly as long as the answer`() async throws {
        let (gate, open) = AsyncStream<Never>.makeStream()
        let fixture = try Fixture()
        let cache = fixture.cache
        let body = ScriptedBody { index in
            switch index {
            case 0: return ByteBuffer(string: "data: 1\n\n")
            case 1:
                for await _ in gate {}
                #expect(cache.statistics.models.first?.leases == 1)
                return ByteBuffer(string: "data: 2\n\n")
            default: return nil
            }
        }
        fixture.engine.setAnswer { _, _ in .events(body) }
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                _ = try await raw.read(until: "data: 1\n\n")
                #expect(cache.statistics.models.first?.leases == 1)
                open.finish()
                _ = try await raw.read(until: "\r\n0\r\n\r\n")
                #expect(cache.statistics.models.first?.leases == 0)
            }
        }
    }

    @Test func `a connection is used again after a stream and after a refusal`() async throws {
        let fixture = try fixture(.events(ScriptedBody(chunks: ["data: 1\n\n"])))
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                for _ in 0..<3 {
                    try await raw.post("/v1/chat/completions", Self.chat)
                    _ = try await raw.read(until: "\r\n0\r\n\r\n")
                    try await raw.post("/v1/chat/completions", "{")
                    let refusal = try await raw.read(until: "}}")
                    #expect(refusal.hasPrefix("HTTP/1.1 400"))
                }
            }
        }
    }
}
