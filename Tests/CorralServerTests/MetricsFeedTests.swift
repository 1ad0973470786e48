import CoreMetrics
import CorralCache
import CorralMemory
import CorralObservability
import CorralTesting
import HummingbirdTesting
import MetricsTestKit
import Testing

@testable import CorralServer

/// What an app that embeds the server sees in its own metrics backend.
@Suite struct MetricsFeedTests {
    private static let labels = [("model", "tiny-chat"), ("role", "chat")]

    private func served(
        _ metrics: TestMetrics,
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws -> CorralResponder<ScriptedEngine> {
        var configuration = ServerConfiguration()
        configuration.metricsFactory = metrics
        let end = """
            data: {"timings":{"cache_n":1,"prompt_n":4,"predicted_n":3,"predicted_per_second":40}}


            """
        let fixture = try Fixture(
            engine: ScriptedEngine(answer: { _, _ in
                .events(ScriptedBody(chunks: ["data: {}\n\n", end]))
            }),
            configuration: configuration
        )
        let events = fixture.cache.events()
        try await fixture.withClient { client in
            try await body(client)
            // As the service does from time to time.
            let responder = fixture.service.responder
            responder.metricsFeed?.update(responder.metricsReport.sheet)
        }
        await fixture.service.follow(events)
        return fixture.service.responder
    }

    @Test func `the backend is told of requests, tokens, waits and bytes as the page is`()
        async throws
    {
        let metrics = TestMetrics()
        let responder = try await served(metrics) { client in
            for _ in 0..<2 { _ = try await client.post("/v1/chat/completions", RelayTests.chat) }
            _ = try await client.post("/v1/chat/completions", "{")
        }
        func counted(_ name: String, _ labels: [(String, String)] = Self.labels) throws -> Int64 {
            try metrics.expectCounter(name, labels).totalValue
        }
        let route = [("route", "/v1/chat/completions")]
        #expect(try counted("corral_http_requests_total", route + [("code", "200")]) == 2)
        #expect(try counted("corral_http_requests_total", route + [("code", "400")]) == 1)
        #expect(try counted("corral_refusals_total", [("code", "malformed_request")]) == 1)
        #expect(try counted("corral_loads_total") == 1)
        #expect(try counted("corral_hits_total") == 1)
        #expect(try counted("corral_prompt_tokens_total") == 10)
        #expect(try counted("corral_generated_tokens_total") == 6)
        let reserved = try metrics.expectGauge("corral_memory_reserved_bytes", [("domain", "host")])
        #expect(reserved.lastValue == 1)
        let first = try metrics.expectTimer("corral_time_to_first_token_seconds", Self.labels)
        #expect(first.values.count == 2 && first.values.allSatisfy { $0 > 0 })
        #expect(try metrics.expectTimer("corral_load_seconds", Self.labels).values.count == 1)
        let waits = try metrics.expectTimer("corral_queue_wait_seconds", [("role", "chat")])
        #expect(waits.values.count == 1)
        let rates = try metrics.expectRecorder("corral_tokens_per_second", Self.labels)
        #expect(rates.values == [40, 40])
        // After the shutdown the model is gone: it left once, and holds nothing.
        responder.metricsFeed?.update(responder.metricsReport.sheet)
        #expect(try counted("corral_evictions_total", Self.labels + [("reason", "shutdown")]) == 1)
        let planned = Self.labels + [("domain", "host")]
        #expect(try metrics.expectGauge("corral_model_planned_bytes", planned).lastValue == 0)
    }

    @Test func `a counter is never told the same twice`() async throws {
        let metrics = TestMetrics()
        let responder = try await served(metrics) { client in
            _ = try await client.post("/v1/chat/completions", RelayTests.chat)
        }
        for _ in 0..<3 { responder.metricsFeed?.update(responder.metricsReport.sheet) }
        #expect(try metrics.expectCounter("corral_loads_total", Self.labels).totalValue == 1)
    }

    @Test func `without a backend nothing is fed`() {
        #expect(MetricsFeed(NOOPMetricsHandler.instance) == nil)
    }
}
