import HTTPTypes
import Testing

@testable import CorralLlamaServer

struct ForwardedHeadersTests {
    @Test func `a model is told neither credentials nor what concerns the connection`() throws {
        var fields = HTTPFields()
        for (name, value) in [
            ("Content-Type", "application/json"), ("Authorization", "Bearer secret"),
            ("X-API-Key", "secret"), ("Cookie", "secret"), ("Connection", "close"),
            ("Transfer-Encoding", "chunked"), ("Content-Length", "3"), ("Host", "a"),
            ("Accept-Encoding", "gzip"), ("Origin", "http://a"), ("Accept", "*/*"),
            ("Expect", "100-continue"), ("X-Mine", "kept"),
        ] {
            fields.append(HTTPField(name: try #require(.init(name)), value: value))
        }
        let headers = ForwardedHeaders.outgoing(fields)
        #expect(headers.map(\.name.canonicalName) == ["content-type", "accept", "x-mine"])
        #expect(headers.map(\.value) == ["application/json", "*/*", "kept"])
    }

    @Test func `an answer keeps its length and type but grants no page anything`() throws {
        var answered = HTTPFields()
        for (name, value) in [
            ("Content-Type", "text/event-stream"), ("Content-Length", "12"),
            ("Server", "llama.cpp"), ("Access-Control-Allow-Origin", "*"),
            ("Transfer-Encoding", "chunked"), ("Keep-Alive", "timeout=5, max=100"),
            ("X-Mine", "kept"),
        ] {
            answered.append(HTTPField(name: try #require(.init(name)), value: value))
        }
        let fields = ForwardedHeaders.incoming(answered)
        #expect(fields.map(\.name.canonicalName) == ["content-type", "content-length", "x-mine"])
    }
}
