import CorralCache
import CorralServing
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import CorralServer

/// What the log says of requests.
@Suite struct RequestLogTests {
    private func lines(
        _ answer: @escaping ScriptedEngine.Answer = { request, _ in .echo(request) },
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws -> [RecordedLog.Line] {
        let log = RecordedLog(level: .trace)
        let fixture = try Fixture(engine: ScriptedEngine(answer: answer), logger: log.logger)
        try await fixture.withClient(body)
        // Those of the framework say nothing of a request.
        return log.lines.filter { $0.metadata["path"] != nil }
    }

    @Test func `every line of a request has the name its client was told`() async throws {
        let events = UpstreamResponse.events(ScriptedBody(chunks: ["data: {}\n\n"]))
        let lines = try await lines({ _, _ in events }) { client in
            let headers: HTTPFields = [.requestID: "mine-7"]
            let answer = try await client.post(
                "/v1/chat/completions",
                RelayTests.chat,
                headers: headers
            )
            #expect(answer.headers[.requestID] == "mine-7")
        }
        #expect(lines.map(\.message).sorted() == ["Answered", "Finished"])
        for line in lines {
            #expect(line.metadata["request"] == "mine-7")
            #expect(line.metadata["hb.request.id"] == nil)
        }
        let finished = try #require(lines.first { $0.message == "Finished" })
        #expect(finished.level == .info)
        #expect(finished.metadata["model"] == "tiny-chat")
        #expect(finished.metadata["outcome"] == "complete")
        #expect(finished.metadata["first_event_seconds"] != nil)
    }

    @Test func `a refusal is logged with its code`() async throws {
        let lines = try await lines { client in
            let answer = try await client.post("/v1/completions", "{\"model\":\"nobody\"}")
            #expect(answer.status == .notFound)
        }
        let refused = try #require(lines.first { $0.message == "Refused" })
        #expect(refused.metadata["code"] == "model_not_found")
        #expect(refused.metadata["request"] != nil)
    }

    @Test func `no line tells what was asked or answered`() async throws {
        let lines = try await lines { client in
            for path in ["/v1/chat/completions?key=hidden-query", "/v1/nowhere"] {
                _ = try await client.post(
                    path,
                    "{\"model\":\"tiny\",\"prompt\":\"hidden-prompt\",\"keep_alive\":{}}",
                    headers: [.authorization: "Bearer hidden-key"]
                )
                _ = try await client.post(path, "{\"model\":\"tiny\",\"prompt\":\"hidden-prompt\"}")
            }
        }
        #expect(lines.count >= 4)
        for line in lines {
            let text = "\(line.message) \(line.metadata)"
            #expect(!text.contains("hidden"), "\(text)")
        }
    }

    @Test(arguments: ["", "two words", String(repeating: "x", count: 129), "é"])
    func `a name that is not plain is replaced`(id: String) async throws {
        _ = try await lines { client in
            let answer = try await client.get("/health", headers: [.requestID: id])
            let given = try #require(answer.headers[.requestID])
            #expect(given != id && !given.isEmpty)
        }
    }
}
