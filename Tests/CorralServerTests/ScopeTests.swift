import CorralCache
import CorralDialects
import CorralServing
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@testable import CorralServer

/// What a key is good for, and how much of it.
@Suite(.timeLimit(.minutes(1))) struct ScopeTests {
    private static let reading = "read-only", steering = "everything"

    private func configuration(
        concurrency: Int? = nil,
        bodyLimit: Int? = nil
    ) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.keys = APIKeyList([
            APIKey(
                name: "reader",
                digest: KeyDigest(of: Self.reading),
                scope: .inference,
                concurrency: concurrency,
                bodyLimit: bodyLimit
            ),
            APIKey(name: "boss", digest: KeyDigest(of: Self.steering), scope: .admin),
        ])
        return configuration
    }

    private func bearer(_ key: String) -> HTTPFields { [.authorization: "Bearer \(key)"] }

    /// Every path there is, with every method it knows.
    @Test func `every route is open, for inference or for administrators, as it is meant to be`()
        async throws
    {
        let open: Set<String> = ["/", "/health", "/v1/health"]
        let fixture = try Fixture(configuration: configuration())
        try await fixture.application.test(.router) { client in
            for line in RouteTable.summary {
                let parts = line.split(separator: " ").map(String.init)
                let (method, path) = (try #require(HTTPRequest.Method(parts[0])), parts[1])
                func status(_ headers: HTTPFields) async throws -> HTTPResponse.Status {
                    // Without a body no work begins; it is who asks that matters here.
                    try await client.executeRequest(
                        uri: path,
                        method: method,
                        headers: headers,
                        body: nil
                    ).status
                }
                // Feeds of events never end; who may read it is told before it begins.
                let isEndless = path.hasSuffix("/events") || path.hasSuffix("/feed")
                let isHint = path == "/corral/v1/hint"
                let isForAdministrators =
                    (path.hasPrefix("/corral/") && !isHint) || path == "/metrics"
                if open.contains(path) {
                    #expect(try await status([:]) == .ok, "\(line)")
                    continue
                }
                #expect(try await status([:]) == .unauthorized, "\(line)")
                #expect(try await status(bearer("wrong")) == .unauthorized, "\(line)")
                if isForAdministrators {
                    #expect(try await status(bearer(Self.reading)) == .forbidden, "\(line)")
                } else {
                    let refused: [HTTPResponse.Status] = [.unauthorized, .forbidden]
                    #expect(try await !refused.contains(status(bearer(Self.reading))), "\(line)")
                }
                if !isEndless {
                    let refused: [HTTPResponse.Status] = [.unauthorized, .forbidden]
                    #expect(try await !refused.contains(status(bearer(Self.steering))), "\(line)")
                }
            }
        }
    }

    @Test func `a key that does not go far enough is told so`() async throws {
        let fixture = try Fixture(configuration: configuration())
        try await fixture.withClient { client async throws in
            let refused = try await client.get(
                "/corral/v1/status",
                headers: bearer(Self.reading)
            )
            #expect(refused.status == .forbidden)
            let error = try refused.openAIError()
            #expect(error["code"] as? String == "insufficient_scope")
            let message = try #require(error["message"] as? String)
            #expect(message.contains("'admin'") && message.contains("'reader'"))
            #expect(!refused.text.contains(Self.reading))
            let wanted = refused.headers[.wwwAuthenticate]
            #expect(wanted == "Bearer error=\"insufficient_scope\"")
        }
    }

    @Test func `what a plain key opens is everything`() async throws {
        var configuration = configuration()
        configuration.apiKeys = ["plain"]
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withClient { client async throws in
            for path in ["/v1/models", "/corral/v1/status"] {
                #expect(try await client.get(path, headers: bearer("plain")).status == .ok)
            }
        }
    }

    @Test func `the digest of a key is no key`() async throws {
        let fixture = try Fixture(configuration: configuration())
        try await fixture.withClient { client async throws in
            let digest = KeyDigest(of: Self.steering).description
            #expect(
                try await client.get("/v1/models", headers: bearer(digest)).status == .unauthorized
            )
        }
    }

    /// A directory whose keys a test changes.
    private final class Keys: APIKeyDirectory {
        private let list = Mutex<[APIKey]>([])
        var keys: [APIKey] {
            get { list.withLock { $0 } }
            set { list.withLock { $0 = newValue } }
        }
    }

    @Test func `keys change while the server runs, and revoking the last one closes it`()
        async throws
    {
        let keys = Keys()
        var configuration = ServerConfiguration()
        configuration.keys = keys
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withClient { client async throws in
            #expect(try await client.get("/v1/models").status == .ok)
            keys.keys = [APIKey(name: "a", digest: KeyDigest(of: "a"), scope: .inference)]
            #expect(try await client.get("/v1/models").status == .unauthorized)
            #expect(try await client.get("/v1/models", headers: bearer("a")).status == .ok)
            keys.keys = []
            #expect(try await client.get("/v1/models").status == .unauthorized)
            #expect(
                try await client.get("/v1/models", headers: bearer("a")).status == .unauthorized
            )
        }
    }

    @Test func `a server that must have keys is closed while it has none`() async throws {
        var configuration = ServerConfiguration()
        configuration.requiresKey = true
        let fixture = try Fixture(configuration: configuration)
        try await fixture.withClient { client async throws in
            #expect(try await client.get("/v1/models").status == .unauthorized)
            #expect(try await client.get("/health").status == .ok)
        }
    }

    @Test func `a key has no more requests under way than it may, and then has its place back`()
        async throws
    {
        let (gate, open) = AsyncStream<Never>.makeStream()
        let (asked, ask) = AsyncStream<Void>.makeStream()
        let engine = ScriptedEngine(answer: { request, _ in
            ask.yield()
            for await _ in gate {}
            return .echo(request)
        })
        let fixture = try Fixture(engine: engine, configuration: configuration(concurrency: 1))
        try await fixture.withSocket { client in
            let port = try #require(client.port)
            let body = "{\"model\":\"tiny-chat\"}"
            let headers = ["Authorization: Bearer \(Self.reading)"]
            try await RawConnection.open(port: port) { first in
                try await first.post("/v1/completions", body, headers: headers)
                for await _ in asked { break }
                let second = try await client.post(
                    "/v1/completions",
                    body,
                    headers: bearer(Self.reading)
                )
                #expect(second.status == .tooManyRequests)
                #expect(second.headers[.retryAfter] == "1")
                let error = try second.openAIError()
                #expect(error["code"] as? String == "too_many_requests")
                #expect(error["type"] as? String == "rate_limit_error")
                try await RawConnection.open(port: port) { other in
                    // Another's requests are another's.
                    let headers = ["Authorization: Bearer \(Self.steering)"]
                    try await other.post("/v1/completions", body, headers: headers)
                    for await _ in asked { break }
                    open.finish()
                    let answer = try await other.read(until: "}}")
                    #expect(answer.hasPrefix("HTTP/1.1 200"))
                }
                let answer = try await first.read(until: "}}")
                #expect(answer.hasPrefix("HTTP/1.1 200"))
                // On its own connection, which takes one request after the other.
                try await first.post("/v1/completions", body, headers: headers)
                let third = try await first.read(until: "}}")
                #expect(third.hasPrefix("HTTP/1.1 200"))
            }
        }
    }

    @Test func `a request that fails or whose client leaves gives its place back`() async throws {
        let engine = ScriptedEngine(answer: { _, _ in
            throw ServedModelError(.ended, message: "gone")
        })
        let fixture = try Fixture(engine: engine, configuration: configuration(concurrency: 1))
        try await fixture.withSocket { client in
            let body = "{\"model\":\"tiny-chat\"}"
            for _ in 0..<3 {
                let answer = try await client.post(
                    "/v1/chat/completions",
                    body,
                    headers: bearer(Self.reading)
                )
                #expect(answer.status == .badGateway)
            }
            let stream = ScriptedBody.silent(after: ["data: 1\n\n"])
            engine.setAnswer { _, _ in .events(stream) }
            let events = fixture.cache.events()
            try await RawConnection.open(port: #require(client.port)) { raw in
                try await raw.post(
                    "/v1/chat/completions",
                    body,
                    headers: ["Authorization: Bearer \(Self.reading)"]
                )
                _ = try await raw.read(until: "data: 1\n\n")
                try await raw.leave(.reset)
            }
            for await event in events { if case .leaseReleased = event.kind { break } }
            engine.setAnswer { request, _ in .echo(request) }
            var status = HTTPResponse.Status.tooManyRequests
            // The lease is back a moment before the place is.
            while status == .tooManyRequests {
                status = try await client.post(
                    "/v1/chat/completions",
                    body,
                    headers: bearer(Self.reading)
                ).status
            }
            #expect(status == .ok)
        }
    }

    @Test func `the default limit counts for keys that set none`() throws {
        let slots = RequestSlots(default: 2)
        let key = APIKey(name: "k", digest: KeyDigest(of: "k"), scope: .inference)
        var held = [try slots.take(key), try slots.take(key)]
        #expect(throws: RequestError.self) { try slots.take(key) }
        #expect(slots.count == 2)
        held.removeLast()
        #expect(slots.count == 1)
        held = [try slots.take(key)]
        #expect(slots.count == 1)
        held = []
        #expect(slots.count == 0)
        let own = APIKey(
            name: "l",
            digest: KeyDigest(of: "l"),
            scope: .inference,
            concurrency: 1
        )
        let place = try slots.take(own)
        #expect(throws: RequestError.self) { try slots.take(own) }
        withExtendedLifetime(place) {}
    }

    @Test func `a key may limit bodies further, and not widen the limit`() async throws {
        var small = configuration(bodyLimit: 40)
        small.bodyLimit = 100
        let fixture = try Fixture(configuration: small)
        try await fixture.withClient { client async throws in
            func post(_ size: Int, _ key: String) async throws -> HTTPResponse.Status {
                let frame = "{\"model\":\"tiny-chat\",\"x\":\"\"}"
                let padding = String(repeating: "y", count: size - frame.utf8.count)
                let body = "{\"model\":\"tiny-chat\",\"x\":\"\(padding)\"}"
                return try await client.post(
                    "/v1/completions",
                    body,
                    headers: bearer(key)
                ).status
            }
            #expect(try await post(40, Self.reading) == .ok)
            #expect(try await post(41, Self.reading) == .contentTooLarge)
            #expect(try await post(100, Self.steering) == .ok)
            #expect(try await post(101, Self.steering) == .contentTooLarge)
        }
    }

    @Test func `no answer is one to guess the kind of`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client async throws in
            for path in ["/", "/health", "/v1/models", "/nothing"] {
                let answer = try await client.get(path)
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            }
        }
    }
}
