import CorralCache
import CorralTesting
import DaemonFixtures
import Foundation
import Testing

@testable import CorralDaemon

/// The whole daemon in this process, with an engine that loads nothing.
@Suite struct DaemonTests {
    private let home: DaemonHome
    private let engine = FakeEngine()

    init() throws { home = try DaemonHome() }

    private func add(_ name: String) throws {
        let folder = try ModelFolder()
        let path = try folder.addModel(name)
        // Whole at once, as a download that is renamed when it has ended.
        try FileManager.default.moveItem(atPath: path, toPath: "\(home.models)/\(name)")
    }

    private func serve(_ body: (RunningDaemon) async throws -> Void) async throws {
        let engine = engine
        try await withDaemon(home, run: { try await $0.run(with: engine) }, body)
    }

    @Test func `it says where it listens, lists its models, answers, and ends in order`()
        async throws
    {
        try add("Tiny-F32.gguf")
        try await serve { daemon in
            #expect(home.said.first?.contains("http://127.0.0.1:\(daemon.port)/v1") == true)
            #expect(home.warned.isEmpty)
            #expect(try await daemon.models() == ["tiny"])
            let answer = try await daemon.chat("tiny")
            #expect(answer.status == 200 && answer.text.contains("Hello."))
            #expect(try await daemon.chat("other").status == 404)
            let metrics = try await daemon.get("/metrics").text
            #expect(metrics.contains("test"), "the version it was given")
        }
        let model = ModelID(path: "\(home.models)/Tiny-F32.gguf", role: .chat)
        #expect(engine.calls == [.load(model), .unload(model)])
        #expect(home.logged.contains("a second signal ends at once"))
        let learned = LearnedStateFile(folder: home.environment.stateFolder)
        guard case .found = learned.read() else {
            Issue.record("what was learned is not written down")
            return
        }
    }

    @Test func `models that come and go are served and no longer served without a restart`()
        async throws
    {
        try add("Tiny-F32.gguf")
        try await serve { daemon in
            try add("Late-F32.gguf")
            try await daemon.until("it is served") { try await daemon.chat("late").status == 200 }
            #expect(try await daemon.models() == ["late", "tiny"])
            try FileManager.default.removeItem(atPath: "\(home.models)/Tiny-F32.gguf")
            try await daemon.until("it is gone") { try await daemon.models() == ["late"] }
            #expect(try await daemon.chat("tiny").status == 404)
        }
        #expect(home.logged.contains("found a model") && home.logged.contains("model=late"))
        #expect(home.logged.contains("a model is gone"))
    }

    @Test func `a key counts when it is made, and no more when it is revoked`() async throws {
        let record = KeyRecord(
            name: "me",
            scope: "admin",
            sha256: "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
        )
        try await serve { daemon in
            #expect(try await daemon.get("/v1/models").status == 200)
            try home.keyFile.write([record])
            try await daemon.until("a key is wanted") {
                try await daemon.get("/v1/models").status == 401
            }
            #expect(try await daemon.get("/v1/models", key: "secret").status == 200)
            try home.keyFile.write([])
            try await daemon.until("the key is no good") {
                try await daemon.get("/v1/models", key: "secret").status == 401
            }
        }
    }

    @Test func `a configuration is read again for who asks and for a signal`() async throws {
        try add("Tiny-F32.gguf")
        try await serve { daemon in
            #expect(try await daemon.chat("tiny").status == 200)
            try home.configure("models: {tiny: {context: 512}}\nqueue-limit: 3\n")
            let report = try await daemon.post("/corral/v1/reload", "{}")
            #expect(report.status == 200)
            #expect(try report.value("models", "reloading") as? [String] == ["tiny"])
            #expect(try report.value("need_restart") as? [String] == ["queue-limit"])
            try home.configure("keep-alive: soon\n")
            let refused = try await daemon.post("/corral/v1/reload", "{}")
            #expect(refused.status == 422 && refused.text.contains("config.yaml:1"))
            try home.configure("api-key: [secret]\n")
            daemon.signal(.reload)
            try await daemon.until("the key counts") {
                try await daemon.get("/v1/models").status == 401
            }
            #expect(try await daemon.get("/v1/models", key: "secret").status == 200)
        }
        #expect(home.logged.contains("the configuration was not read again"))
    }

    @Test func `another engine in the file makes no model leave before the restart it needs`()
        async throws
    {
        try add("Tiny-F32.gguf")
        try await serve { daemon in
            #expect(try await daemon.chat("tiny").status == 200)
            try home.configure("engine: in-process\n")
            let report = try await daemon.post("/corral/v1/reload", "{}")
            #expect(try report.value("need_restart") as? [String] == ["engine"])
            #expect(try report.value("models", "reloading") as? [String] == [])
        }
    }

    @Test func `a new model that the configuration pins is pinned when it is found`()
        async throws
    {
        try home.configure("models: {late: {pin: true}}\n")
        try await serve { daemon in
            #expect(home.warned.contains { $0.contains("late, which is no model here") })
            try add("Late-F32.gguf")
            try await daemon.until("it is in memory") {
                let status = try await daemon.get("/corral/v1/status")
                let models = try status.value("models") as? [[String: Any]] ?? []
                return models.contains { $0["pinned"] as? Bool == true }
            }
        }
    }

    @Test func `an address that others can reach needs a key before anything is served`()
        async throws
    {
        try home.configure("host: 0.0.0.0\n")
        let error = await #expect(throws: ConfigurationError.self) { try await serve { _ in } }
        #expect(error?.code == .exposed)
        #expect(home.said.isEmpty)
    }

    @Test func `a port that is taken is an error that names another way`() async throws {
        try await serve { daemon in
            let other = try DaemonHome()
            try other.configure("ollama: 127.0.0.1:\(daemon.port)\n")
            let engine = FakeEngine()
            let error = await #expect(throws: ConfigurationError.self) {
                try await withDaemon(other, run: { try await $0.run(with: engine) }) { _ in }
            }
            #expect(error?.code == .addressInUse)
            #expect(error?.message.contains("--ollama-at") == true)
        }
    }

    @Test func `a file of keys that makes no sense stops it from starting`() async throws {
        try Data("keys: 7".utf8).write(to: URL(fileURLWithPath: home.keyFile.path))
        await #expect(throws: ConfigurationError.self) { try await serve { _ in } }
    }

    @Test func `where llama-server is not found it says how to get one`() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await withDaemon(
                home,
                change: {
                    $0.findServer = {
                        try LlamaServerFinder(isProgram: { _ in false }, names: { _ in [] }).find(
                            $0,
                            home.environment
                        )
                    }
                },
                run: { try await $0.run() }
            ) { _ in }
        }
        #expect(error?.code == .missingServer)
    }

    @Test func `a second signal ends at once`() async throws {
        let (ended, end) = AsyncStream<Int>.makeStream()
        let engine = engine
        try add("Tiny-F32.gguf")
        engine.holdUnloads()
        try await withDaemon(
            home,
            change: { $0.endNow = { end.yield(1) } },
            run: { try await $0.run(with: engine) }
        ) { (daemon: RunningDaemon) async throws -> Void in
            let answer = try await daemon.chat("tiny")
            #expect(answer.status == 200)
            daemon.signal(.end)
            daemon.signal(.end)
            var endings = ended.makeAsyncIterator()
            let ending = await endings.next()
            #expect(ending == 1)
            engine.letGo()
        }
    }
}
