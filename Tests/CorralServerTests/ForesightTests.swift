import CorralCache
import CorralMemory
import CorralTesting
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import CorralServer

@Suite(.timeLimit(.minutes(2))) struct ForesightTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// Waits until a model is resident; the test's time limit ends it otherwise.
    private func isLoaded(_ fixture: Fixture, _ id: ModelID) async {
        while !fixture.isResident(id) { await Task.yield() }
    }

    @Test func `a hint brings models into free memory, before anybody asks for them`()
        async throws
    {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let answer = try await client.post(
                "/corral/v1/hint",
                #"{"models": ["tiny-embed", "tiny-rerank"], "within_seconds": 60}"#
            )
            #expect(answer.status == .ok)
            let models = try #require(try object(answer.text)["models"] as? [[String: Any]])
            #expect(models.compactMap { $0["model"] as? String } == ["tiny-embed", "tiny-rerank"])
            let known = ["loading", "reading", "pending", "resident"]
            #expect(models.allSatisfy { known.contains($0["result"] as? String ?? "") })
            await isLoaded(fixture, Fixture.embed)
            #expect(!fixture.isResident(Fixture.chat))
        }
    }

    @Test(arguments: [
        "{}", #"{"models": []}"#, #"{"models": [7]}"#, #"{"models": {"a": 1}}"#,
        #"{"model": "tiny-chat", "within_seconds": 0}"#,
        #"{"model": "tiny-chat", "within_seconds": "soon"}"#,
        #"{"models": ["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}"#,
    ])
    func `a hint that makes no sense is a 400`(body: String) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let answer = try await client.post("/corral/v1/hint", body)
            #expect(answer.status == .badRequest)
        }
    }

    @Test func `a hint for a model that does not exist names the nearest`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let answer = try await client.post("/corral/v1/hint", #"{"models": ["tiny-embd"]}"#)
            #expect(answer.status == .notFound)
            #expect(answer.text.contains("tiny-embed"))
        }
    }

    @Test func `the header of a request brings in what comes next, and is only a favour`()
        async throws
    {
        let fixture = try Fixture()
        let next = try #require(HTTPField.Name("X-Corral-Next"))
        try await fixture.withClient { client in
            let answer = try await client.post(
                "/v1/chat/completions",
                #"{"model": "tiny-chat", "messages": []}"#,
                headers: [next: " no-such-model , tiny-rerank,"]
            )
            #expect(answer.status == .ok)
            await isLoaded(fixture, Fixture.rerank)
        }
    }

    @Test func `what-if tells what would happen, and nothing does`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let answer = try await client.get("/corral/v1/what-if?model=tiny-chat&role=chat")
            let forecast = try object(answer.text)
            #expect(forecast["outcome"] as? String == "fits")
            #expect(forecast["model"] as? String == "tiny-chat")
            #expect((forecast["needed"] as? [String: Int])?["host"] ?? 0 > 0)
            #expect(!fixture.isResident(Fixture.chat))
            _ = try await client.post("/corral/v1/load", #"{"model": "tiny-chat"}"#)
            let again = try await client.get("/corral/v1/what-if?model=tiny-chat")
            #expect(try object(again.text)["outcome"] as? String == "resident")
        }
    }

    @Test func `what-if tells who would have to go, and why tells who had to`() async throws {
        let engine = ScriptedEngine(footprint: { _ in .host(ByteCount(100)) })
        let fixture = try Fixture(engine: engine, memory: ByteCount(150))
        try await fixture.withClient { client in
            _ = try await client.post("/corral/v1/load", #"{"model": "tiny-chat"}"#)
            let before = try await client.get("/corral/v1/what-if?model=other-chat")
            let forecast = try object(before.text)
            #expect(forecast["outcome"] as? String == "evicts", "\(before.text)")
            let victims = try #require(forecast["victims"] as? [[String: Any]])
            #expect(victims.compactMap { $0["model"] as? String } == ["tiny-chat"])
            _ = try await client.post("/corral/v1/load", #"{"model": "other-chat"}"#)
            let answer = try await client.get("/corral/v1/why?model=tiny-chat")
            let why = try object(answer.text)
            #expect(why["state"] as? String != "resident")
            let decisions = try #require(why["decisions"] as? [[String: Any]])
            let latest = try #require(decisions.first)
            #expect(latest["decision"] as? String == "evicted")
            #expect((latest["for"] as? [String: Any])?["model"] as? String == "other-chat")
            let candidates = try #require(latest["candidates"] as? [[String: Any]])
            #expect(candidates.compactMap { $0["fate"] as? String } == ["evicted"])
            #expect(!answer.text.contains("/models/"))
        }
    }

    @Test(arguments: [
        "/corral/v1/why", "/corral/v1/why?model=", "/corral/v1/why?model=tiny-chat&role=poet",
        "/corral/v1/what-if?model=tiny-chat&context=many",
        "/corral/v1/what-if?model=tiny-chat&context=-1",
    ])
    func `a question that makes no sense is a 400`(path: String) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let answer = try await client.get(path)
            #expect(answer.status == .badRequest)
        }
    }

    @Test func `texts of a list are found behind escapes, and anything else in it is refused`() {
        func strings(_ text: String) -> [String]? {
            let bytes = Array(text.utf8)
            return JSONText.strings(bytes.span, 0..<bytes.count)
        }
        #expect(strings(#"[ "a" ,"b\"]c\\","é\u00e9"]"#) == ["a", "b\"]c\\", "éé"])
        #expect(strings("[]") == [])
        #expect(strings(#"["a", null]"#) == nil)
        #expect(strings(#"[["a"]]"#) == nil)
    }
}
