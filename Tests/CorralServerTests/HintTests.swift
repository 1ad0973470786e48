import CorralCache
import CorralMemory
import CorralTesting
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import CorralServer

@Suite(.timeLimit(.minutes(2))) struct HintTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// Waits until a model has been loaded; the test's time limit ends it otherwise.
    private func isLoaded(_ events: AsyncStream<CacheEvent>, _ id: ModelID) async {
        for await event in events where event.model == id {
            if case .loadFinished = event.kind { return }
        }
    }

    @Test func `a hint brings models into free memory, before anybody asks for them`()
        async throws
    {
        let fixture = try Fixture()
        let events = fixture.cache.events()
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
            await isLoaded(events, Fixture.embed)
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
        let events = fixture.cache.events()
        try await fixture.withClient { client in
            let answer = try await client.post(
                "/v1/chat/completions",
                #"{"model": "tiny-chat", "messages": []}"#,
                headers: [next: " no-such-model , tiny-rerank,"]
            )
            #expect(answer.status == .ok)
            await isLoaded(events, Fixture.rerank)
        }
    }

    @Test func `an answer does not wait for the plans that its header's hints take`() async throws {
        let fixture = try Fixture()
        let events = fixture.cache.events()
        let (plans, planning) = AsyncStream<Void>.makeStream()
        let (gate, open) = AsyncStream<Never>.makeStream()
        fixture.engine.setPlanning { id in
            guard id == Fixture.rerank else { return }
            planning.yield()
            for await _ in gate {}
        }
        let next = try #require(HTTPField.Name("X-Corral-Next"))
        try await fixture.withClient { client in
            let answer = try await client.post(
                "/v1/chat/completions",
                #"{"model": "tiny-chat", "messages": []}"#,
                headers: [next: "tiny-rerank"]
            )
            #expect(answer.status == .ok)
            for await _ in plans { break }
            #expect(!fixture.isResident(Fixture.rerank))
            open.finish()
            await isLoaded(events, Fixture.rerank)
        }
    }

    @Test func `of hints that nobody carries out the newest are kept, and no more than may`()
        async throws
    {
        let queue = HintQueue()
        for number in 0..<HintQueue.limit + 3 {
            queue.offer([ModelID(path: "/\(number)", role: .chat)])
        }
        let (carried, carry) = AsyncStream<String>.makeStream()
        var paths: [String] = []
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await queue.run { models in for model in models { carry.yield(model.path) } }
            }
            for await path in carried {
                paths.append(path)
                if paths.count == HintQueue.limit { break }
            }
            group.cancelAll()
        }
        #expect(paths == (3..<HintQueue.limit + 3).map { "/\($0)" })
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
}
