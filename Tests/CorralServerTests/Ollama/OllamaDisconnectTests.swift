import CorralCache
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// Ollama's clients that go away, or read nothing, on real sockets.
@Suite(.timeLimit(.minutes(1))) struct OllamaDisconnectTests {
    private static let chat =
        #"{"model":"tiny-chat","messages":[{"role":"user","content":"x"}]}"#

    @Test(arguments: RawConnection.Departure.allCases)
    func `leaving a translated stream cancels the model and returns the lease`(
        departure: RawConnection.Departure
    ) async throws {
        let body = ScriptedBody.silent(after: [ModelAnswers.delta(#"{"content":"a"}"#)])
        let fixture = try Fixture.answering { _, _ in .events(body) }
        try await fixture.withSocket { client in
            let events = fixture.cache.events()
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.post("/api/chat", Self.chat)
                _ = try await raw.read(until: "\"done\":false}\n")
                try await raw.leave(departure)
                for await event in events {
                    if case .leaseReleased = event.kind { break }
                }
            }
            #expect(body.log.wasCancelled)
        }
    }

    @Test func `a client that reads nothing slows the model down`() async throws {
        let text = String(repeating: "x", count: 64 << 10)
        let body = ScriptedBody { _ in
            ByteBuffer(string: ModelAnswers.delta("{\"content\":\"\(text)\"}"))
        }
        var configuration = ServerConfiguration()
        configuration.stallTimeout = .milliseconds(300)
        let fixture = try Fixture(
            engine: ScriptedEngine(answer: { _, _ in .events(body) }),
            configuration: configuration
        )
        try await fixture.withSocket { client in
            let events = fixture.cache.events()
            try await RawConnection.open(port: #require(client.port), receiveBuffer: 4096) { raw in
                try await raw.post("/api/chat", Self.chat)
                // The model would write without end: only the stall can end it.
                for await event in events {
                    if case .leaseReleased = event.kind { break }
                }
            }
        }
        // What was made is what the buffers between took in.
        #expect(body.log.pulls < 400)
    }
}
