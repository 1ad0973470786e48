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
        #expect(headers.map(\.name) == ["content-type", "accept", "x-mine"])
        #expect(headers.map(\.value) == ["application/json", "*/*", "kept"])
    }

    @Test func `an answer keeps its length and type but grants no page anything`() {
        let fields = ForwardedHeaders.incoming([
            (name: "Content-Type", value: "text/event-stream"),
            (name: "Content-Length", value: "12"), (name: "Server", value: "llama.cpp"),
            (name: "Access-Control-Allow-Origin", value: "*"),
            (name: "Transfer-Encoding", value: "chunked"),
            (name: "Keep-Alive", value: "timeout=5, max=100"), (name: "X-Mine", value: "kept"),
        ])
        #expect(fields.map(\.name.canonicalName) == ["content-type", "content-length", "x-mine"])
    }
}
