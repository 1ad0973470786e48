import CorralCache
import CorralDialects
import CorralMemory
import CorralObservability
import CorralServing
import CorralTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// Every status that refuses, with the body each API expects.
@Suite struct RefusalTests {
    static let chat = "{\"model\":\"tiny-chat\"}"

    /// Both shapes of one refusal.
    private func expectRefusal(
        _ fixture: Fixture,
        _ body: String,
        _ status: HTTPResponse.Status,
        code: String,
        openAI: String,
        anthropic: String,
        retryAfter: Bool = false,
        headers: HTTPFields = [:],
        before prepare: @Sendable () async throws -> Void = {},
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await fixture.application.test(.router) { client in
            for path in ["/v1/chat/completions", "/v1/messages"] {
                try await prepare()
                let response = try await client.post(path, body, headers: headers)
                #expect(
                    response.status == status,
                    "\(response.text)",
                    sourceLocation: sourceLocation
                )
                let seconds = response.headers[.retryAfter].flatMap { Int($0) }
                #expect((seconds ?? 0 >= 1) == retryAfter, sourceLocation: sourceLocation)
                if path == "/v1/messages" {
                    let error = try response.anthropicError(sourceLocation: sourceLocation)
                    #expect(error["type"] as? String == anthropic, sourceLocation: sourceLocation)
                } else {
                    let error = try response.openAIError(sourceLocation: sourceLocation)
                    #expect(error["type"] as? String == openAI, sourceLocation: sourceLocation)
                    #expect(error["code"] as? String == code, sourceLocation: sourceLocation)
                }
                #expect(!response.text.contains("/models/"), sourceLocation: sourceLocation)
            }
        }
        fixture.expectNoLeases(sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        "", "{", "[1]", "{\"model\":\"tiny-chat\",}", "{\"model\":7}",
        "{\"keep_alive\":\"soon\",\"model\":\"tiny-chat\"}",
    ])
    func `400 for what is malformed`(body: String) async throws {
        try await expectRefusal(
            try Fixture(),
            body,
            .badRequest,
            code: "malformed_request",
            openAI: "invalid_request_error",
            anthropic: "invalid_request_error"
        )
    }

    @Test func `400 says at which byte`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let error = try await client.post("/v1/rerank", "{\"a\":1,}").openAIError()
            #expect((error["message"] as? String)?.contains("byte 7") == true)
        }
    }

    @Test func `400 lists the models when none is named and several might be meant`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", "{\"model\":\"\"}")
            #expect(response.status == .badRequest)
            let error = try response.openAIError()
            #expect(error["code"] as? String == "model_required")
            #expect(error["param"] as? String == "model")
            let message = try #require(error["message"] as? String)
            #expect(message.contains("'tiny-chat' or 'other-chat'"))
        }
    }

    @Test func `400 for a model of another role, with its own`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.post("/v1/rerank", "{\"model\":\"tiny-embed\"}")
            #expect(response.status == .badRequest)
            let error = try response.openAIError()
            #expect(error["code"] as? String == "wrong_role")
            #expect((error["message"] as? String)?.contains("embed") == true)
        }
    }

    @Test func `401 without the right key, and none for health`() async throws {
        var configuration = ServerConfiguration()
        configuration.apiKeys = ["first-key", "second"]
        for header in [[:], [.authorization: "Bearer first-kez"], [.apiKey: "first"]]
            as [HTTPFields]
        {
            try await expectRefusal(
                try Fixture(configuration: configuration),
                Self.chat,
                .unauthorized,
                code: "invalid_api_key",
                openAI: "authentication_error",
                anthropic: "authentication_error",
                headers: header
            )
        }
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withClient { client in
            for header in [[.authorization: "bearer first-key"], [.apiKey: "second"]]
                as [HTTPFields]
            {
                let response = try await client.get("/v1/models", headers: header)
                #expect(response.status == .ok)
            }
            #expect(try await client.get("/health").status == .ok)
            #expect(try await client.get("/corral/v1/status").status == .unauthorized)
        }
    }

    @Test func `403 for pages of other sites`() async throws {
        for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
            try await expectRefusal(
                try Fixture(),
                Self.chat,
                .forbidden,
                code: "origin_not_allowed",
                openAI: "permission_error",
                anthropic: "permission_error",
                headers: [.origin: origin]
            )
        }
    }

    @Test func `404 for an unknown model names the nearest`() async throws {
        try await expectRefusal(
            try Fixture(),
            "{\"model\":\"tiny-chatt\"}",
            .notFound,
            code: "model_not_found",
            openAI: "invalid_request_error",
            anthropic: "not_found_error"
        )
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let near = try await client.post("/v1/completions", "{\"model\":\"tiny-chatt\"}")
            #expect((try near.openAIError()["message"] as? String)?.contains("'tiny-chat'") == true)
            let far = try await client.post("/v1/completions", "{\"model\":\"gpt-4o\"}")
            #expect((try far.openAIError()["message"] as? String)?.contains("/v1/models") == true)
        }
    }

    @Test func `404 when no model of the role is served`() async throws {
        let fixture = try Fixture(entries: Array(Fixture.entries.prefix(1)))
        try await fixture.withClient { client in
            let response = try await client.post("/v1/embeddings", "{}")
            #expect(response.status == .notFound)
            #expect(try response.openAIError()["code"] as? String == "model_not_found")
        }
    }

    @Test func `404 for an unknown path in the words of its API`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.get("/v1/nothing")
            #expect(response.status == .notFound)
            #expect(try response.openAIError()["code"] as? String == "route_not_found")
            let messages = try await client.get("/v1/messages/batches")
            #expect(try messages.anthropicError()["type"] as? String == "not_found_error")
        }
    }

    @Test func `405 says which methods there are`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.get("/v1/chat/completions")
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[.allow] == "OPTIONS, POST")
            #expect(try response.openAIError()["code"] as? String == "method_not_allowed")
            let messages = try await client.executeRequest(
                uri: "/v1/messages",
                method: .delete,
                headers: [:],
                body: nil
            )
            #expect(messages.status == .methodNotAllowed)
            #expect(try messages.anthropicError()["type"] as? String == "invalid_request_error")
        }
    }

    @Test func `413 for a body above the limit and not for one at it`() async throws {
        var configuration = ServerConfiguration()
        configuration.bodyLimit = 100_000
        let fixture = try Fixture(configuration: configuration)
        let frame = "{\"model\":\"tiny-chat\",\"x\":\"\"}".utf8.count
        @Sendable func body(_ size: Int) -> String {
            "{\"model\":\"tiny-chat\",\"x\":\"\(String(repeating: "y", count: size - frame))\"}"
        }
        try await expectRefusal(
            fixture,
            body(100_001),
            .contentTooLarge,
            code: "request_too_large",
            openAI: "invalid_request_error",
            anthropic: "request_too_large"
        )
        try await fixture.withClient { client in
            let response = try await client.post("/v1/chat/completions", body(100_000))
            #expect(response.status == .ok)
        }
    }

    @Test func `415 for forms`() async throws {
        try await expectRefusal(
            try Fixture(),
            Self.chat,
            .unsupportedMediaType,
            code: "unsupported_media_type",
            openAI: "invalid_request_error",
            anthropic: "invalid_request_error",
            headers: [.contentType: "multipart/form-data; boundary=x"]
        )
    }

    @Test func `422 for what can never fit, and nothing is evicted`() async throws {
        let engine = ScriptedEngine(footprint: {
            .host(ByteCount($0 == Fixture.chat ? 2000 : 400))
        })
        let fixture = try Fixture(engine: engine)
        try await fixture.cache.preload(Fixture.embed)
        try await expectRefusal(
            fixture,
            Self.chat,
            .unprocessableContent,
            code: "too_large",
            openAI: "invalid_request_error",
            anthropic: "invalid_request_error"
        )
        #expect(fixture.isResident(Fixture.embed))
    }

    @Test func `429 when the queue is full`() async throws {
        let fixture = try Fixture(queueLimit: 0)
        try await expectRefusal(
            fixture,
            Self.chat,
            .tooManyRequests,
            code: "queue_full",
            openAI: "rate_limit_error",
            anthropic: "rate_limit_error",
            retryAfter: true
        )
    }

    @Test func `503 when what is pinned leaves no memory`() async throws {
        let engine = ScriptedEngine(footprint: { _ in .host(ByteCount(600)) })
        let fixture = try Fixture(engine: engine)
        try await fixture.cache.preload(Fixture.embed)
        fixture.cache.pin(Fixture.embed)
        try await expectRefusal(
            fixture,
            Self.chat,
            .serviceUnavailable,
            code: "insufficient_memory",
            openAI: "server_error",
            anthropic: "overloaded_error",
            retryAfter: true
        )
    }

    @Test func `503 when the wait was too long`() async throws {
        let clock = ManualClock()
        var configuration = ServerConfiguration()
        configuration.maximumWait = .seconds(20)
        let engine = ScriptedEngine()
        engine.fake.holdLoads()
        let fixture = try Fixture(engine: engine, configuration: configuration, clock: clock)
        let events = fixture.cache.events()
        // Time goes on once somebody waits: the cache's alarm rings, and refuses.
        async let _: Void = {
            for await event in events {
                if case .requestQueued = event.kind {
                    await clock.sleepers()
                    clock.advance(by: .seconds(20))
                }
            }
        }()
        try await expectRefusal(
            fixture,
            Self.chat,
            .serviceUnavailable,
            code: "wait_timed_out",
            openAI: "server_error",
            anthropic: "overloaded_error",
            retryAfter: true
        )
    }

    @Test func `503 while shutting down`() async throws {
        let fixture = try Fixture()
        await fixture.cache.shutdown()
        try await expectRefusal(
            fixture,
            Self.chat,
            .serviceUnavailable,
            code: "shutting_down",
            openAI: "server_error",
            anthropic: "overloaded_error",
            retryAfter: true
        )
    }

    @Test func `502 when the model cannot be loaded`() async throws {
        let fixture = try Fixture()
        let engine = fixture.engine
        engine.fake.failNextLoad(
            of: Fixture.chat,
            with: "llama-server ended: cannot read /models/tiny/chat.gguf with /usr/lib/libllama.so"
        )
        try await expectRefusal(
            fixture,
            Self.chat,
            .badGateway,
            code: "load_failed",
            openAI: "server_error",
            anthropic: "api_error",
            retryAfter: true
        )
    }

    @Test func `502 when the model ends before it answers`() async throws {
        let engine = ScriptedEngine(answer: { _, _ in
            throw ServedModelError(.ended, message: "killed by signal 9 in /models/tiny/chat.gguf")
        })
        try await expectRefusal(
            try Fixture(engine: engine),
            Self.chat,
            .badGateway,
            code: "model_failed",
            openAI: "server_error",
            anthropic: "api_error",
            retryAfter: true
        )
    }

    @Test func `every code of the cache has a status`() {
        let redaction = ModelList(Fixture.entries).models.report.names.redaction
        let expected: [(ModelCacheError.Code, Int, Bool)] = [
            (.cancelled, 499, false), (.tooLarge, 422, false), (.insufficientMemory, 503, true),
            (.queueFull, 429, true), (.waitTimedOut, 503, true), (.overloaded, 503, true),
            (.unusableModel, 422, false),
            (.loadFailed, 502, false), (.modelExited, 502, true), (.shuttingDown, 503, true),
        ]
        for (code, status, retries) in expected {
            let error = RequestError(ModelCacheError(code, message: "x"), redaction: redaction)
            #expect(error.code.status.code == status)
            #expect((error.retryAfter != nil) == retries, "\(code)")
        }
        let later = ModelCacheError(.loadFailed, message: "x", retryAfter: .milliseconds(2_001))
        #expect(RequestError(later, redaction: redaction).retryAfter == 3)
        let now = ModelCacheError(.loadFailed, message: "x", retryAfter: .zero)
        #expect(RequestError(now, redaction: redaction).retryAfter == 1)
    }
}
