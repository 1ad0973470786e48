import CorralCache
import CorralDialects
import CorralJSON
import CorralServing
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import CorralServer

/// `keep_alive` and `priority`: read on every API, and told to no model.
@Suite struct RequestTermsTests {
    private static let bodies = [
        ("/v1/chat/completions", #"{"model":"tiny","#), ("/v1/messages", #"{"model":"tiny","#),
        ("/v1/responses", #"{"model":"tiny","#), ("/v1/embeddings", #"{"model":"tiny-embed","#),
        ("/v1/embeddings", #"{"model":"tiny-embed","dimensions":1,"#),
        ("/v1/rerank", #"{"model":"tiny-rerank","#),
        ("/v2/rerank", #"{"model":"tiny-rerank","query":"q","documents":["a"],"#),
        ("/api/chat", #"{"model":"tiny","messages":[{"role":"user","content":"x"}],"#),
        ("/api/embed", #"{"model":"tiny-embed","input":"x","#), ("/tokenize", #"{"model":"tiny","#),
    ]

    @Test(arguments: bodies)
    func `what is meant for the cache stays here`(path: String, body: String) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            _ = try await client.post(path, body + #""keep_alive":"7m","priority":"batch"}"#)
            let model = fixture.cache.statistics.models.first
            #expect(model?.keepAlive == .idle(.seconds(420)))
        }
        let sent = try #require(fixture.engine.requests.last?.body)
        #expect(!String(buffer: sent).contains("keep_alive"))
        #expect(!String(buffer: sent).contains("priority"))
        #expect(throws: Never.self) { try JSONNode(object: sent) }
    }

    @Test(arguments: bodies)
    func `a priority that is none is refused in the body and in the header`(
        path: String,
        body: String
    ) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let wrong = try await client.post(path, body + #""priority":"urgent"}"#)
            #expect(wrong.status == .badRequest)
            let header = try await client.post(
                path,
                body + #""x":1}"#,
                headers: [.corralPriority: "urgent"]
            )
            #expect(header.status == .badRequest)
            #expect(header.text.contains("X-Corral-Priority"))
        }
        #expect(fixture.engine.requests.isEmpty)
    }

    @Test(arguments: [
        (#"{"priority":"batch","a":1}"#, ["a": 1]), (#"{"a":1,"keep_alive":0}"#, ["a": 1]),
        (#"{ "keep_alive" : 0 , "priority":"batch" }"#, [:]),
        (#"{"a":1,"keep_alive":{"x":[1,"}"]},"priority":"batch","b":2}"#, ["a": 1, "b": 2]),
        (#"{"keep_alive":1,"a":1,"keep_alive":2}"#, ["a": 1]), (#"{"a":1}"#, ["a": 1]),
        (#"{"keep\u005falive":1,"a":1}"#, ["a": 1]),
    ])
    func `wherever they stand, what is left is the same object without them`(
        text: String,
        expected: [String: Int]
    ) throws {
        let body = ByteBuffer(string: text)
        let names: Set = ["keep_alive", "priority"]
        let left = try RequestFields(names, of: body).forModel
        #expect(left.readableBytes == body.readableBytes)
        #expect(try TestResponse.object(in: left) as? [String: Int] == expected)
    }
}
