import CorralCache
import CorralObservability
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// The page at `/`, and the feed it lives on.
@Suite struct DashboardTests {
    private static let browser: HTTPFields = [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"]

    @Test func `a browser gets the page, everything else a text`() async throws {
        try await Fixture().withClient { client in
            let page = try await client.get("/", headers: Self.browser)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.text.hasPrefix("<!doctype html>"))
            #expect(page.headers[.vary] == "Accept")
            for accept in ["*/*", "application/json", "text/plain"] {
                let text = try await client.get("/", headers: [.accept: accept])
                #expect(text.headers[.contentType] == "text/plain; charset=utf-8")
                #expect(text.text.contains("POST /v1/chat/completions"))
            }
            let bare = try await client.get("/")
            #expect(bare.headers[.contentType]?.hasPrefix("text/plain") == true)
        }
    }

    @Test func `the page allows its own script and style and nothing else`() async throws {
        try await Fixture().withClient { client in
            var nonces: Set<String> = []
            for _ in 0..<2 {
                let page = try await client.get("/", headers: Self.browser)
                let policy = try #require(page.headers[.contentSecurityPolicy])
                #expect(policy.hasPrefix("default-src 'none'; "))
                for word in ["unsafe", "http:", "https:", "*"] { #expect(!policy.contains(word)) }
                let nonce = try #require(policy.split(separator: "'nonce-").dropFirst().first)
                    .prefix { $0 != "'" }
                #expect(nonce.count > 16 && nonces.insert(String(nonce)).inserted)
                let text = page.text
                #expect(text.components(of: "nonce=\"\(nonce)\"") == 2)
                #expect(text.components(of: "<script") == 1 && text.components(of: "<style") == 1)
                #expect(!text.contains("{{"))
                #expect(!text.contains(" style=") && !text.contains(" onclick="))
            }
        }
    }

    @Test func `the page names nothing outside of this server`() async throws {
        try await Fixture().withClient { client in
            let text = try await client.get("/", headers: Self.browser).text
            let addresses = text.components(of: "http://") + text.components(of: "https://")
            // The name of a vocabulary, which nobody fetches.
            #expect(addresses == text.components(of: "http://www.w3.org/2000/svg"))
            #expect(!text.contains("innerHTML") && !text.contains("eval("))
        }
    }

    @Test func `the feed tells the past, the status, and what happens`() async throws {
        let fixture = try Fixture()
        fixture.service.responder.activity.history.record(
            CacheEvent(time: .start, model: Fixture.embed, kind: .pinChanged(true))
        )
        try await fixture.application.test(.live) { client in
            let port = try #require(client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send("GET /corral/v1/feed HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let past = try await connection.read(until: "event: status")
                #expect(past.contains("text/event-stream"))
                #expect(past.contains("event: history"))
                #expect(past.contains(#""event":"pin_changed""#) && past.contains("tiny-embed"))
                fixture.cache.pin(Fixture.chat)
                let news = try await connection.read(until: "event: pin_changed")
                _ = try await connection.read(until: #""pinned":true"#)
                #expect(!news.contains("/models/"))
                #expect(fixture.service.responder.listeners.count == 1)
            }
        }
        await fixture.cache.shutdown()
    }

    @Test func `no more listen than may`() async throws {
        var configuration = ServerConfiguration()
        configuration.listenerLimit = 0
        try await Fixture(configuration: configuration).withClient { client in
            for path in ["/corral/v1/feed", "/corral/v1/events"] {
                let answer = try await client.get(path)
                #expect(answer.status == .serviceUnavailable)
                #expect(answer.headers[.retryAfter] != nil)
                #expect(try answer.openAIError()["code"] as? String == "too_many_listeners")
            }
        }
    }
}

extension String {
    /// How often `text` is in it.
    fileprivate func components(of text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
