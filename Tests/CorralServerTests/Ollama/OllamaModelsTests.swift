import CorralCache
import CorralTesting
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import CorralServer

/// What Ollama's clients are told of models, and what they are refused.
@Suite struct OllamaModelsTests {
    private static var entries: [ServedEntry] {
        var facts = ServedFacts()
        facts.architecture = "llama"
        facts.parameterCount = 134_515_008
        facts.quantization = "Q4_1"
        facts.fileBytes = 98_000_000
        facts.embeddingWidth = 576
        facts.abilities = ["tools", "thinking"]
        return [
            ServedEntry(
                name: "tiny-chat",
                id: Fixture.chat,
                contextTokens: 8192,
                created: 1_700_000_000,
                facts: facts
            ),
            ServedEntry(name: "org/coder:q4", id: Fixture.other),
            ServedEntry(name: "tiny-embed", id: Fixture.embed),
            ServedEntry(
                name: "tiny-chat",
                id: ModelID(path: Fixture.chat.path, role: .embed),
                facts: facts
            ),
        ]
    }

    @Test func `each model is listed once, by a name with a tag`() async throws {
        let fixture = try Fixture(entries: Self.entries)
        try await fixture.withClient { client in
            let response = try await client.get("/api/tags")
            let models = try #require(try response.object()["models"] as? [[String: Any]])
            let names = ["tiny-chat:latest", "org/coder:q4", "tiny-embed:latest"]
            #expect(models.map { $0["name"] as? String } == names)
            #expect(models.map { $0["model"] as? String } == names)
            #expect(models[0]["size"] as? Int == 98_000_000)
            #expect(models[0]["modified_at"] as? String == "2023-11-14T22:13:20.000Z")
            let details = try #require(models[0]["details"] as? [String: Any])
            #expect(details["parameter_size"] as? String == "134.52M")
            #expect(details["quantization_level"] as? String == "Q4_1")
            #expect(details["family"] as? String == "llama")
            let digests = models.compactMap { $0["digest"] as? String }
            #expect(Set(digests).count == 3 && digests.allSatisfy { $0.count == 64 })
            #expect(!response.text.contains("/models/tiny"))
        }
    }

    @Test func `every name of the list is a name to ask with`() async throws {
        let fixture = try Fixture(entries: Self.entries)
        try await fixture.withClient { client in
            for name in ["tiny-chat:latest", "Tiny-Chat:LATEST", "tiny-chat", "org/coder:q4"] {
                let show = try await client.post("/api/show", "{\"model\":\"\(name)\"}")
                #expect(show.status == .ok, "\(name)")
                let chat = try await client.post("/v1/completions", "{\"model\":\"\(name)\"}")
                #expect(chat.status == .ok, "\(name)")
            }
            for name in ["tiny-chat:q8_0", "nobody:latest", ":latest"] {
                let show = try await client.post("/api/show", "{\"name\":\"\(name)\"}")
                #expect(show.status == .notFound, "\(name)")
                #expect(try show.object()["error"] is String)
            }
        }
    }

    @Test func `a model is described with what it can do`() async throws {
        let fixture = try Fixture(entries: Self.entries)
        try await fixture.withClient { client in
            let show = try await client.post("/api/show", #"{"model":"tiny-chat"}"#).object()
            #expect(show["capabilities"] as? [String] == ["completion", "thinking", "tools"])
            let information = try #require(show["model_info"] as? [String: Any])
            #expect(information["llama.context_length"] as? Int == 8192)
            #expect(information["llama.embedding_length"] as? Int == 576)
            let embed = try await client.post("/api/show", #"{"model":"tiny-embed"}"#).object()
            #expect(embed["capabilities"] as? [String] == ["embedding"])
            let none = try await client.post("/api/show", "{}")
            #expect(none.status == .badRequest)
        }
    }

    @Test func `what runs is listed with its memory and until when`() async throws {
        var configuration = ServerConfiguration()
        configuration.timeOfDay = { 1_772_357_400 }
        let fixture = try Fixture(configuration: configuration, entries: Self.entries)
        try await fixture.withClient { client in
            let none = try await client.get("/api/ps").object()["models"] as? [Any]
            #expect(none?.isEmpty == true)
            _ = try await client.post("/api/generate", #"{"model":"tiny-chat","keep_alive":-1}"#)
            let models = try await client.get("/api/ps").object()["models"] as? [[String: Any]]
            let model = try #require(models?.first)
            #expect(model["name"] as? String == "tiny-chat:latest")
            #expect(model["size"] as? Int == 1 && model["size_vram"] as? Int == 0)
            #expect(model["context_length"] as? Int == 4096)
            #expect((model["expires_at"] as? String)?.hasPrefix("2318-") == true)
        }
    }

    @Test(arguments: ["pull", "push", "create", "copy", "delete", "blobs/sha256:00"])
    func `what would change files is refused with what to do instead`(
        path: String
    ) async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let method: HTTPRequest.Method = path == "delete" ? .delete : .post
            let response = try await client.executeRequest(
                uri: "/api/\(path)",
                method: method,
                headers: [:],
                body: .init(string: #"{"model":"llama3.2"}"#)
            )
            #expect(response.status == .notImplemented)
            #expect((try response.object()["error"] as? String)?.contains("GGUF") == true)
        }
    }

    @Test func `an unknown path of Ollama's is refused in its words`() async throws {
        let fixture = try Fixture()
        try await fixture.withClient { client in
            let unknown = try await client.get("/api/nothing")
            #expect(unknown.status == .notFound)
            #expect(try unknown.object()["error"] is String)
            let role = try await client.post(
                "/api/chat",
                #"{"model":"tiny-embed","messages":[{"role":"user","content":"x"}]}"#
            )
            #expect(role.status == .badRequest)
            #expect(try role.object()["error"] is String)
            #expect(try await client.get("/api/version").object()["version"] is String)
        }
    }

    @Test func `only Ollama's own address says that Ollama is running`() async throws {
        let fixture = try Fixture()
        let address = BindAddress.hostname("127.0.0.1", port: 0)
        try await fixture.service.application(at: address, isOllama: true).test(.router) { client in
            #expect(try await client.get("/").text == "Ollama is running")
            let head = try await client.executeRequest(
                uri: "/",
                method: .head,
                headers: [:],
                body: nil
            )
            #expect(head.status == .ok)
            #expect(try await client.get("/v1/models").status == .ok)
        }
        try await fixture.withClient { client in
            let own = try await client.get("/")
            #expect(own.text.hasPrefix("Corral"))
        }
    }
}
