import CorralCache
import CorralMemory
import CorralObservability
import CorralTesting
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import CorralServer

/// `/metrics`, from requests and events to the page.
@Suite struct MetricsRouteTests {
    /// Serves `body`, then hands back the page, with everything counted.
    private func page(
        _ fixture: Fixture,
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws -> String {
        let events = fixture.cache.events()
        try await fixture.withClient(body)
        // The cache has ended, and so does the stream of its events.
        await fixture.service.follow(events)
        return fixture.service.responder.metricsReport.sheet.text
    }

    private func expect(
        _ page: String,
        has line: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let name = line.prefix { $0 != "{" && $0 != " " }
        let near = page.split(separator: "\n").filter { $0.hasPrefix(name) }
        #expect(
            page.contains("\n\(line)\n"),
            "\(near.joined(separator: "\n"))",
            sourceLocation: sourceLocation
        )
    }

    @Test func `a streamed answer is counted with its tokens, and its model by name`() async throws
    {
        let end = """
            data: {"timings":{"cache_n":1,"prompt_n":4,"predicted_n":3,"predicted_per_second":40}}


            """
        let chunks = ["data: {}\n\n", "data: {}\n\n", end, "data: [DONE]\n\n"]
        let fixture = try Fixture(
            engine: ScriptedEngine(answer: { _, _ in .events(ScriptedBody(chunks: chunks)) })
        )
        let page = try await page(fixture) { client in
            _ = try await client.post("/v1/chat/completions", "{\"model\":\"tiny\"}")
            _ = try await client.post("/v1/chat/completions", "{\"model\":\"tiny-chat\"}")
        }
        let labels = #"model="tiny-chat",role="chat""#
        expect(page, has: "corral_answers_total{\(labels),outcome=\"complete\"} 2")
        expect(page, has: "corral_stream_chunks_total{\(labels)} 8")
        expect(page, has: "corral_prompt_tokens_total{\(labels)} 10")
        expect(page, has: "corral_cached_prompt_tokens_total{\(labels)} 2")
        expect(page, has: "corral_generated_tokens_total{\(labels)} 6")
        expect(page, has: "corral_tokens_per_second_sum{\(labels)} 80")
        expect(page, has: "corral_time_to_first_token_seconds_count{\(labels)} 2")
        expect(page, has: "corral_answer_seconds_count{\(labels)} 2")
        expect(page, has: "corral_hits_total{\(labels)} 1")
        expect(page, has: "corral_leases_total{\(labels)} 2")
        expect(page, has: "corral_loads_total{\(labels)} 1")
        expect(page, has: "corral_load_seconds_count{\(labels)} 1")
        expect(page, has: "corral_lease_seconds_count{\(labels)} 2")
        expect(page, has: #"corral_queue_wait_seconds_count{role="chat"} 1"#)
        expect(
            page,
            has: #"corral_http_requests_total{route="/v1/chat/completions",code="200"} 2"#
        )
    }

    @Test func `what models hold is told by domain, and how wrong the plan was`() async throws {
        let engine = ScriptedEngine(footprint: { _ in .host(ByteCount(200)) })
        engine.fake.setMeasurement(
            MeasuredMemory(exclusive: .host(ByteCount(90)), fileBacked: ByteCount(60)),
            of: Fixture.embed
        )
        let fixture = try Fixture(engine: engine)
        try await fixture.withClient { client in
            _ = try await client.post("/v1/embeddings", "{\"model\":\"tiny-embed\"}")
            fixture.cache.pin(Fixture.embed)
            let page = try await client.get("/metrics").text
            let labels = #"model="tiny-embed",role="embed""#
            expect(page, has: #"corral_memory_budget_bytes{domain="host"} 1000"#)
            expect(page, has: #"corral_memory_reserved_bytes{domain="host"} 200"#)
            expect(page, has: "corral_model_planned_bytes{\(labels),domain=\"host\"} 200")
            expect(page, has: "corral_model_measured_bytes{\(labels),domain=\"host\"} 150")
            expect(page, has: "corral_plan_error_ratio{\(labels)} -0.25")
            expect(page, has: "corral_model_resident{\(labels)} 1")
            expect(page, has: "corral_model_pinned{\(labels)} 1")
            expect(page, has: #"corral_models{state="resident"} 1"#)
            expect(page, has: #"corral_models{state="loading"} 0"#)
            expect(page, has: "corral_queue_depth 0")
        }
    }

    @Test func `refusals and departures are told by their reasons`() async throws {
        let engine = ScriptedEngine(footprint: { id in
            .host(ByteCount(id == Fixture.rerank ? 5000 : 600))
        })
        let page = try await page(try Fixture(engine: engine)) { client in
            for body in ["{\"model\":\"nobody\"}", "{", "{\"model\":\"tiny-chat\"}"] {
                _ = try await client.post("/v1/chat/completions", body)
            }
            _ = try await client.post("/v1/embeddings", "{\"model\":\"tiny-embed\"}")
            _ = try await client.post("/corral/v1/unload", "{\"model\":\"tiny-embed\"}")
            _ = try await client.post("/v1/rerank", "{\"model\":\"tiny-rerank\"}")
        }
        expect(page, has: #"corral_refusals_total{code="model_not_found"} 1"#)
        expect(page, has: #"corral_refusals_total{code="malformed_request"} 1"#)
        expect(page, has: #"corral_refusals_total{code="too_large"} 1"#)
        expect(page, has: #"corral_cache_refusals_total{role="rerank",code="too_large"} 1"#)
        expect(
            page,
            has: #"corral_evictions_total{model="tiny-chat",role="chat",reason="space"} 1"#
        )
        expect(
            page,
            has: #"corral_evictions_total{model="tiny-embed",role="embed",reason="request"} 1"#
        )
    }

    @Test func `no client can make up labels, and no path of this machine is one`() async throws {
        let fixture = try Fixture()
        let page = try await page(fixture) { client in
            for path in ["/nowhere", "/v1/models/x", "/v1/models/tiny-chat", "/a?b=c"] {
                _ = try await client.get(path, headers: [.requestID: "secret-id"])
            }
            _ = try await client.post(
                "/v1/completions",
                "{\"model\":\"tiny\",\"prompt\":\"secret-prompt\"}"
            )
        }
        expect(page, has: #"corral_http_requests_total{route="other",code="404"} 2"#)
        expect(page, has: #"corral_http_requests_total{route="/v1/models/{name}",code="200"} 1"#)
        for secret in ["nowhere", "secret-id", "secret-prompt", "/models/tiny", ".gguf"] {
            #expect(!page.contains(secret), "\(secret)")
        }
    }

    @Test func `a model that ends and a client that leaves are told apart`() async throws {
        let fixture = try Fixture(
            engine: ScriptedEngine(answer: { _, _ in
                .events(ScriptedBody(chunks: ["data: 1\n\n"], then: RelayTests.crash))
            })
        )
        let page = try await page(fixture) { client in
            _ = try await client.post("/v1/chat/completions", RelayTests.chat)
        }
        let labels = #"model="tiny-chat",role="chat""#
        expect(page, has: "corral_answers_total{\(labels),outcome=\"failed\"} 1")
        expect(page, has: #"corral_refusals_total{code="model_failed"} 1"#)
        #expect(!page.contains("corral_answer_seconds_count{"))
    }

    @Test func `the daemon tells of itself`() async throws {
        var configuration = ServerConfiguration()
        configuration.version = "1.2.3"
        configuration.ownMemory = { ByteCount(42) }
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withClient { client in
            let response = try await client.get("/metrics")
            #expect(
                response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8"
            )
            expect(response.text, has: #"corral_build_info{version="1.2.3"} 1"#)
            expect(response.text, has: "process_resident_memory_bytes 42")
        }
    }

    @Test func `metrics are for those who have a key`() async throws {
        var configuration = ServerConfiguration()
        configuration.apiKeys = ["open"]
        try await Fixture(configuration: configuration).withClient { client in
            let stranger = try await client.get("/metrics")
            #expect(stranger.status == .unauthorized)
            let friend = try await client.get("/metrics", headers: [.authorization: "Bearer open"])
            #expect(friend.status == .ok)
        }
    }
}
