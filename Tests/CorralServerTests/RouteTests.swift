import CorralCache
import CorralServing
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import CorralServer

@Suite struct RouteTests {
    static let inference: [(path: String, model: String, upstream: String)] = [
        ("/v1/chat/completions", "tiny-chat", "/v1/chat/completions"),
        ("/chat/completions", "tiny-chat", "/chat/completions"),
        ("/v1/completions", "tiny-chat", "/v1/completions"),
        ("/completions", "tiny-chat", "/completions"),
        ("/completion", "tiny-chat", "/completion"),
        ("/infill", "tiny-chat", "/infill"),
        ("/apply-template", "tiny-chat", "/apply-template"),
        ("/v1/chat/completions/input_tokens", "tiny-chat", "/v1/chat/completions/input_tokens"),
        ("/v1/responses", "tiny-chat", "/v1/responses"),
        ("/v1/responses/input_tokens", "tiny-chat", "/v1/responses/input_tokens"),
        ("/v1/messages", "tiny-chat", "/v1/messages"),
        ("/v1/messages/count_tokens", "tiny-chat", "/v1/messages/count_tokens"),
        ("/v1/messages?beta=true", "tiny-chat", "/v1/messages"),
        ("/v1/embeddings", "tiny-embed", "/v1/embeddings"),
        ("/embeddings", "tiny-embed", "/embeddings"),
        ("/embedding", "tiny-embed", "/embedding"),
        ("/v1/rerank", "tiny-rerank", "/v1/rerank"),
        ("/rerank", "tiny-rerank", "/rerank"),
        ("/v1/reranking", "tiny-rerank", "/v1/reranking"),
        ("/reranking", "tiny-rerank", "/reranking"),
        ("/v1/tokenize", "tiny-embed", "/tokenize"),
        ("/tokenize", "tiny-chat", "/tokenize"),
        ("/v1/detokenize", "tiny-rerank", "/detokenize"),
        ("/detokenize", "tiny-chat", "/detokenize"),
    ]

    @Test(arguments: inference)
    func `a route leases the model it is named and passes everything on`(
        path: String,
        model: String,
        upstream: String
    ) async throws {
        let fixture = try Fixture()
        let body = "{ \"model\" : \"\(model)\",\"unknown\":[1, {\"model\":\"x\"}]}"
        try await fixture.withClient { client in
            let response = try await client.post(
                path,
                body,
                headers: [.authorization: "Bearer secret", .cookie: "a=b"]
            )
            #expect(response.status == .ok)
            #expect(response.text == "{\"path\":\"\(upstream)\",\"asked\":\(body)}")
            #expect(response.headers[.model] == model)
            #expect(response.headers[.loadTime] != nil)
            #expect(response.headers[.contentType] == "application/json; charset=utf-8")
        }
        let request = try #require(fixture.engine.requests.first)
        #expect(String(buffer: request.body) == body)
        #expect(request.path == upstream)
        #expect(request.headers[.authorization] == nil && request.headers[.cookie] == nil)
        #expect(fixture.cache.statistics.totals.leasesGranted == 1)
    }

    @Test func `headers of the model's connection stay behind`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.post("/v1/embeddings", "{\"model\":\"tiny-embed\"}")
            #expect(response.headers[.connection] == nil)
            #expect(response.headers[.server] != "llama.cpp")
            #expect(response.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test(arguments: [
        ("/v1/embeddings", "{}"), ("/rerank", "{\"model\":\"\"}"), ("/rerank", "{\"model\":null}"),
    ])
    func `the only model of a role needs no name`(path: String, body: String) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.post(path, body)
            #expect(response.status == .ok)
        }
        #expect(!fixture.isResident(Fixture.chat))
    }

    @Test func `an alias and another case find the model`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            for name in ["tiny", "Tiny-Chat"] {
                let response = try await client.post("/v1/completions", "{\"model\":\"\(name)\"}")
                #expect(response.headers[.model] == "tiny-chat")
            }
        }
    }

    @Test func `models are listed once each with their roles`() async throws {
        let second = ServedEntry(
            name: "tiny-chat",
            id: ModelID(path: Fixture.chat.path, role: .embed)
        )
        let fixture = try Fixture(entries: Fixture.entries + [second])
        try await fixture.withClient { client in
            let response = try await client.get("/v1/models")
            let data = try #require(try response.object()["data"] as? [[String: Any]])
            #expect(
                data.map { $0["id"] as? String }
                    == ["tiny-chat", "other-chat", "tiny-embed", "tiny-rerank"]
            )
            #expect(data[0]["roles"] as? [String] == ["chat", "embed"])
            #expect(data[0]["object"] as? String == "model")
            #expect(data[0]["created"] as? Int == 1_700_000)
            #expect(!response.text.contains("/models"))
        }
    }

    @Test func `one model is described, under a name that needs escaping`() async throws {
        let id = ModelID(path: "/m/x.gguf", role: .chat)
        let fixture = try Fixture(entries: [ServedEntry(name: "org/näme:q4", id: id)])
        try await fixture.withClient { client in
            let response = try await client.get("/v1/models/org/n%C3%A4me:q4")
            #expect(try response.object()["id"] as? String == "org/näme:q4")
            let unknown = try await client.get("/v1/models/nobody")
            #expect(unknown.status == .notFound)
            #expect(try unknown.openAIError()["code"] as? String == "model_not_found")
        }
    }

    @Test func `health answers GET and HEAD`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            #expect(try await client.get("/health").text == "{\"status\":\"ok\"}")
            let head = try await client.executeRequest(
                uri: "/health",
                method: .head,
                headers: [:],
                body: nil
            )
            #expect(head.status == .ok && head.text.isEmpty)
            #expect(head.headers[.contentLength] == "15")
        }
    }

    @Test func `the welcome says what this is and names every route`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.get("/")
            #expect(response.text.hasPrefix("Corral keeps many llama.cpp models"))
            for (path, _, _) in Self.inference {
                let path = path.split(separator: "?")[0]
                #expect(response.text.contains("POST \(path)\n"))
            }
            #expect(response.text.contains("GET /corral/v1/status\n"))
        }
    }

    @Test func `a request keeps its id, or is given one of its own`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let own = try await client.get("/health", headers: [.requestID: "abc-1"])
            #expect(own.headers[.requestID] == "abc-1")
            let first = try await client.get("/health").headers[.requestID]
            let second = try await client.get("/nothing").headers[.requestID]
            #expect(first?.isEmpty == false && first != second)
            let odd = try await client.get(
                "/health",
                headers: [.requestID: String(repeating: "x", count: 200)]
            )
            #expect(odd.headers[.requestID]?.count ?? 0 < 200)
        }
    }

    @Test func `keep-alive is read from the body and the header`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            for (body, header, expected) in [
                ("\"keep_alive\":300", nil, KeepAlive.idle(.seconds(300))),
                ("\"keep_alive\":\"10m\"", "5m", .idle(.seconds(600))),
                ("\"x\":0", "5m", .idle(.seconds(300))),
                ("\"keep_alive\":-1", nil, .untilEvicted),
            ] {
                var headers = HTTPFields()
                headers[.keepAlive] = header
                _ = try await client.post(
                    "/v1/embeddings",
                    "{\"model\":\"tiny-embed\",\(body)}",
                    headers: headers
                )
                let model = fixture.cache.statistics.models.first { $0.id == Fixture.embed }
                #expect(model?.keepAlive == expected)
            }
        }
    }

    @Test func `OPTIONS names the methods`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.executeRequest(
                uri: "/v1/models",
                method: .options,
                headers: [:],
                body: nil
            )
            #expect(response.status == .noContent)
            #expect(response.headers[.allow] == "GET, HEAD, OPTIONS")
            #expect(response.headers[.accessControlAllowMethods] == nil)
        }
    }
}
