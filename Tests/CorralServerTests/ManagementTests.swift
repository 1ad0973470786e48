import CorralCache
import CorralMemory
import CorralTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import CorralServer

/// Status, load, unload, pin.
@Suite struct ManagementTests {
    private func status(_ client: any TestClientProtocol) async throws -> [String: Any] {
        let response = try await client.get("/corral/v1/status")
        #expect(response.status == .ok)
        #expect(!response.text.contains("/models"), "a path: \(response.text)")
        return try response.object()
    }

    @Test func `the status tells all that the cache's statistics do`() async throws {
        let engine = ScriptedEngine(footprint: { _ in
            Footprint(
                exclusive: .host(ByteCount(100)),
                shared: [SharedPart(name: "/models/tiny", bytes: .host(ByteCount(20)))]
            )
        })
        engine.fake.setMeasurement(
            MeasuredMemory(exclusive: .host(ByteCount(90)), fileBacked: ByteCount(10)),
            of: Fixture.chat
        )
        let fixture = try Fixture(engine: engine)
        try await fixture.withClient { client in
            _ = try await client.post("/v1/completions", "{\"model\":\"tiny\",\"keep_alive\":60}")
            let status = try await status(client)
            #expect(status["policy"] as? String == fixture.cache.statistics.policy)
            #expect(status["keep_alive"] as? Double == -1)
            #expect(status["waiting"] as? Int == 0)
            let memory = try #require(status["memory"] as? [String: [String: Int]])
            #expect(memory["budget"] == ["host": 1000])
            #expect(memory["reserved"] == ["host": 120])
            let totals = try #require(status["totals"] as? [String: Any])
            #expect(totals["leases_granted"] as? Int == 1 && totals["loads"] as? Int == 1)
            let model = try #require((status["models"] as? [[String: Any]])?.first)
            #expect(model["model"] as? String == "tiny-chat")
            #expect(model["role"] as? String == "chat" && model["file"] as? String == "chat.gguf")
            #expect(model["state"] as? String == "resident" && model["progress"] as? Double == 1)
            #expect(model["pinned"] as? Bool == false && model["leases"] as? Int == 0)
            #expect(model["context_tokens"] as? Int == 4096 && model["loads"] as? Int == 1)
            #expect(model["keep_alive"] as? Double == 60)
            #expect((model["idle_seconds"] as? Double).map { $0 >= 0 } == true)
            let planned = try #require(model["planned"] as? [String: Any])
            #expect(planned["total"] as? [String: Int] == ["host": 120])
            let measured = try #require(model["measured"] as? [String: Any])
            #expect(measured["exclusive"] as? [String: Int] == ["host": 90])
            #expect(measured["file_backed"] as? Int == 10)
        }
    }

    @Test func `a reload is answered with what came of it, or with why nothing did`() async throws {
        struct Mistake: Error, CustomStringConvertible {
            var description: String { "corral.yaml:3: No." }
        }
        var configuration = ServerConfiguration()
        configuration.reload = {
            var report = ReloadReport()
            report.changed = ["memory"]
            report.reloading = ["tiny-chat"]
            return report
        }
        try await Fixture(configuration: configuration).withClient { client in
            let answer = try await client.post("/corral/v1/reload", "{}").object()
            #expect(answer["changed"] as? [String] == ["memory"])
            let models = answer["models"] as? [String: [String]]
            #expect(models?["reloading"] == ["tiny-chat"])
        }
        configuration.reload = { throw Mistake() }
        try await Fixture(configuration: configuration).withClient { client in
            let answer = try await client.post("/corral/v1/reload", "{}")
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("corral.yaml:3"))
        }
        try await Fixture().withClient { client in
            let answer = try await client.post("/corral/v1/reload", "{}")
            #expect(answer.status == .notFound)
        }
    }

    @Test func `a model is loaded and unloaded by name`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let loaded = try await client.post("/corral/v1/load", "{\"model\":\"tiny-embed\"}")
            #expect(try loaded.object()["state"] as? String == "resident")
            #expect(try loaded.object()["role"] as? String == "embed")
            #expect(fixture.isResident(Fixture.embed))
            let left = try await client.post("/corral/v1/unload", "{\"model\":\"tiny-embed\"}")
            #expect(left.text == #"{"unloaded":[{"model":"tiny-embed","role":"embed"}]}"#)
            #expect(!fixture.isResident(Fixture.embed))
            let again = try await client.post("/corral/v1/unload", "{\"model\":\"tiny-embed\"}")
            #expect(again.text == #"{"unloaded":[]}"#)
        }
    }

    @Test func `a name in two roles is unloaded in one or in both`() async throws {
        let id = ModelID(path: Fixture.chat.path, role: .embed)
        let entries = Fixture.entries + [ServedEntry(name: "tiny-chat", id: id)]
        let fixture = try Fixture(entries: entries)
        try await fixture.withClient { client in
            for body in [
                "{\"model\":\"tiny-chat\"}", "{\"path\":\"\(id.path)\"}", "{\"all\":true}",
            ] {
                try await fixture.cache.preload(id)
                try await fixture.cache.preload(Fixture.chat)
                _ = try await client.post(
                    "/corral/v1/unload",
                    "{\"model\":\"tiny-chat\",\"role\":\"embed\"}"
                )
                #expect(!fixture.isResident(id) && fixture.isResident(Fixture.chat))
                try await fixture.cache.preload(id)
                _ = try await client.post("/corral/v1/unload", body)
                #expect(!fixture.isResident(id) && !fixture.isResident(Fixture.chat), "\(body)")
            }
        }
    }

    @Test func `a pin protects and is taken back`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            for isPinned in [true, false] {
                let response = try await client.post(
                    "/corral/v1/pin",
                    "{\"model\":\"tiny-chat\",\"pinned\":\(isPinned)}"
                )
                #expect(try response.object()["pinned"] as? Bool == isPinned)
                let models = fixture.cache.statistics.models
                #expect((models.first { $0.id == Fixture.chat }?.isPinned ?? false) == isPinned)
            }
        }
    }

    @Test func `a pin without a role is for the usual role, and taking it back for all`()
        async throws
    {
        let id = ModelID(path: Fixture.chat.path, role: .embed)
        let entries = Fixture.entries + [ServedEntry(name: "tiny-chat", id: id)]
        let fixture = try Fixture(entries: entries)
        try await fixture.withClient { client in
            @Sendable func pinned() -> [ModelID] {
                fixture.cache.statistics.models.filter(\.isPinned).map(\.id)
            }
            _ = try await client.post("/corral/v1/pin", "{\"model\":\"tiny-chat\"}")
            #expect(pinned() == [Fixture.chat])
            _ = try await client.post(
                "/corral/v1/pin",
                "{\"model\":\"tiny-chat\",\"role\":\"embed\"}"
            )
            #expect(pinned() == [Fixture.chat, id])
            _ = try await client.post(
                "/corral/v1/pin",
                "{\"model\":\"tiny-chat\",\"pinned\":false}"
            )
            #expect(pinned().isEmpty)
        }
    }

    @Test(arguments: [
        ("load", "{\"model\":\"nobody\"}", 404), ("unload", "{\"model\":\"nobody\"}", 404),
        ("pin", "{\"model\":\"nobody\"}", 404), ("unload", "{}", 400), ("pin", "{}", 400),
        ("load", "{\"model\":\"tiny\",\"role\":\"sing\"}", 400), ("load", "[]", 400),
        ("load", "{\"model\":\"tiny-embed\",\"role\":\"chat\"}", 400),
        ("pin", "{\"model\":\"tiny\",\"pinned\":1}", 400), ("load", "{}", 400),
    ])
    func `a request that makes no sense is refused`(
        action: String,
        body: String,
        status: Int
    ) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let response = try await client.post("/corral/v1/\(action)", body)
            #expect(response.status.code == status, "\(response.text)")
            _ = try response.openAIError()
        }
    }

    @Test func `a load that cannot fit is refused as a request is`() async throws {
        let fixture = try Fixture(
            engine: ScriptedEngine(footprint: { _ in .host(ByteCount(5000)) })
        )
        try await fixture.withClient { client in
            let response = try await client.post("/corral/v1/load", "{\"model\":\"tiny\"}")
            #expect(response.status == .unprocessableContent)
            #expect(try response.openAIError()["code"] as? String == "too_large")
        }
    }
}
