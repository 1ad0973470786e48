import CorralCache
import CorralServing
import CorralTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// Clients that go away, on real sockets: their work ends and their lease returns.
@Suite(.timeLimit(.minutes(1))) struct DisconnectTests {
    static let chat = "{\"model\":\"tiny-chat\",\"stream\":true}"

    /// Waits for the lease that somebody held to come back.
    private func leaseReturns(_ events: AsyncStream<CacheEvent>) async {
        for await event in events {
            if case .leaseReleased = event.kind { return }
        }
    }

    @Test(arguments: RawConnection.Departure.allCases)
    func `leaving a stream cancels the model and returns the lease`(
        departure: RawConnection.Departure
    ) async throws {
        let fixture = try Fixture()
        // Silent after its first event: only the departure itself can end it.
        let body = ScriptedBody.silent(after: ["data: 1\n\n"])
        fixture.engine.setAnswer { _, _ in .events(body) }
        try await fixture.withSocket { client in
            let events = fixture.cache.events()
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                _ = try await raw.read(until: "data: 1\n\n")
                try await raw.leave(departure)
                await leaseReturns(events)
            }
            #expect(body.log.wasCancelled)
        }
    }

    @Test(arguments: RawConnection.Departure.allCases)
    func `leaving before the model answers cancels it and returns the lease`(
        departure: RawConnection.Departure
    ) async throws {
        let (asked, ask) = AsyncStream<Void>.makeStream()
        let (cancelled, cancel) = AsyncStream<Void>.makeStream()
        let fixture = try Fixture(
            engine: ScriptedEngine(answer: { _, _ in
                ask.yield()
                let (silence, end) = AsyncStream<Never>.makeStream()
                for await _ in silence {}
                withExtendedLifetime(end) {}
                cancel.yield()
                throw CancellationError()
            })
        )
        try await fixture.withSocket { client in
            let events = fixture.cache.events()
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                for await _ in asked { break }
                try await raw.leave(departure)
                for await _ in cancelled { break }
                await leaseReturns(events)
            }
        }
    }

    @Test(arguments: RawConnection.Departure.allCases)
    func `leaving while the model loads gives up the wait and the load`(
        departure: RawConnection.Departure
    ) async throws {
        let fixture = try Fixture()
        let fake = fixture.engine.fake
        fake.holdLoads()
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                await fake.calls(atLeast: 1)
                #expect(fixture.cache.statistics.waiting == 1)
                try await raw.leave(departure)
                await fake.calls(atLeast: 2)
            }
            #expect(fake.calls == [.load(Fixture.chat), .cancel(Fixture.chat)])
            #expect(fixture.engine.requests.isEmpty)
        }
    }

    @Test func `one client's leaving does not give up the load another waits for`() async throws {
        let fixture = try Fixture()
        let fake = fixture.engine.fake
        fake.holdLoads()
        try await fixture.withSocket { client in
            let port = try #require(client.port)
            let events = fixture.cache.events()
            try await RawConnection.open(port: port) { staying in
                try await RawConnection.open(port: port) { leaving in
                    try await staying.post("/v1/chat/completions", Self.chat)
                    try await leaving.post("/v1/chat/completions", Self.chat)
                    for await event in events {
                        if case .requestQueued(waiting: 2) = event.kind { break }
                    }
                    try await leaving.leave(.close)
                }
                for await event in events {
                    if case .requestRefused = event.kind { break }
                }
                #expect(fixture.cache.statistics.waiting == 1)
                fake.letGo()
                let answer = try await staying.read(until: "stream")
                #expect(answer.hasPrefix("HTTP/1.1 200"))
            }
            #expect(fake.calls == [.load(Fixture.chat)])
        }
    }

    @Test func `a client that only has no more to say gets its short answer`() async throws {
        let fixture = try Fixture()
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try await raw.leave(.halfClose)
                let answer = try await raw.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("{\"status\":\"ok\"}"))
            }
        }
    }

    @Test func `a client that reads nothing slows the model and is then dropped`() async throws {
        var configuration = ServerConfiguration()
        configuration.stallTimeout = .milliseconds(300)
        let fixture = try Fixture(configuration: configuration)
        // 256 MiB: more than any socket holds.
        let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 18)
        let body = ScriptedBody { $0 < 1024 ? chunk : nil }
        fixture.engine.setAnswer { _, _ in
            UpstreamResponse(
                status: .ok,
                headers: [.contentType: "application/octet-stream"],
                body: body
            )
        }
        try await fixture.withSocket { client in
            let events = fixture.cache.events()
            try await RawConnection.open(
                port: #require(client.port),
                receiveBuffer: 1 << 16
            ) { raw in
                try await raw.post("/v1/chat/completions", Self.chat)
                await leaseReturns(events)
            }
        }
        #expect(body.log.pulls < 100, "the model was asked for more than anybody took")
    }

    @Test func `a client that stays gets all of a long answer`() async throws {
        let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 18)
        let body = ScriptedBody { $0 < 64 ? chunk : nil }
        let fixture = try Fixture()
        fixture.engine.setAnswer { _, _ in
            UpstreamResponse(
                status: .ok,
                headers: [.contentType: "application/octet-stream", .contentLength: "\(64 << 18)"],
                body: body
            )
        }
        try await fixture.withSocket { client in
            let response = try await client.post("/v1/chat/completions", Self.chat)
            #expect(response.body.readableBytes == 64 << 18)
        }
    }

    @Test func `a listener to events that leaves is forgotten`() async throws {
        let fixture = try Fixture()
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.send("GET /corral/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                _ = try await raw.read(until: "text/event-stream")
                fixture.cache.pin(Fixture.chat)
                let text = try await raw.read(until: "\"pinned\":true}\n\n")
                #expect(text.contains("event: pin_changed\ndata: {"))
                #expect(text.contains("\"model\":\"tiny-chat\"") && !text.contains("/models"))
                try await raw.leave(.halfClose)
                // The server closes in return, though nothing happens in the cache.
                _ = try? await raw.readToEnd()
            }
        }
    }

    @Test func `a body is asked for with 100 Continue unless it is too large`() async throws {
        var configuration = ServerConfiguration()
        configuration.bodyLimit = 1000
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withSocket { client in
            let port = try #require(client.port)
            let head = "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            try await RawConnection.open(port: port) { raw in
                try await raw.send(head + "Content-Length: 2\r\n\r\n")
                _ = try await raw.read(until: "HTTP/1.1 100 Continue\r\n\r\n")
                try await raw.send("{}")
                #expect(try await raw.read(until: "}}").hasPrefix("HTTP/1.1 200"))
            }
            try await RawConnection.open(port: port) { raw in
                try await raw.send(head + "Content-Length: 1001\r\n\r\n")
                #expect(try await raw.read(until: "}}").hasPrefix("HTTP/1.1 413"))
            }
        }
    }

    @Test func `a chunked body above the limit is refused where it passes it`() async throws {
        var configuration = ServerConfiguration()
        configuration.bodyLimit = 1000
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withSocket { client in
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.send(
                    "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "200\r\n\(String(repeating: " ", count: 512))\r\n"
                        + "200\r\n\(String(repeating: " ", count: 512))\r\n"
                )
                #expect(try await raw.read(until: "}}").hasPrefix("HTTP/1.1 413"))
            }
        }
    }
}
