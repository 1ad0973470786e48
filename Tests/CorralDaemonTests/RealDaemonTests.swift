import DaemonFixtures
import Foundation
import Testing

@testable import CorralDaemon

/// llama-server and the small models that tests use, where they are installed.
private enum Installed {
    static let variables = ProcessInfo.processInfo.environment
    static let reason: Comment =
        "needs llama-server and models (CORRAL_LLAMA_SERVER, CORRAL_MODELS, or ~/.cache/corral)"
    static let chat = "SmolLM2-135M-Instruct.Q4_1.gguf"
    static let embed = "all-MiniLM-L6-v2.F16.gguf"
    static let environment = UserEnvironment(variables: variables)
    static let models = variables["CORRAL_MODELS"] ?? environment.cacheFolder + "/models"

    static func server() throws -> String {
        let named = variables["CORRAL_LLAMA_SERVER"].map {
            (path: $0, source: SettingSource.environment("CORRAL_LLAMA_SERVER"))
        }
        return try LlamaServerFinder().find(named, environment)
    }

    /// Whether tests that need them run; under CI their absence is a failure.
    static var isExpected: Bool {
        variables["CI"] == "true"
            || (try? server()) != nil && FileManager.default.fileExists(atPath: "\(models)/\(chat)")
    }
}

/// The whole daemon with llama-server itself and small models.
@Suite(.enabled(if: Installed.isExpected, Installed.reason))
struct RealDaemonTests {
    private let home: DaemonHome

    init() throws { home = try DaemonHome() }

    private func link(_ name: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(home.models)/\(name)",
            withDestinationPath: "\(Installed.models)/\(name)"
        )
    }

    @Test func `it answers, takes on settings, keys and models while it runs, and leaves nothing`()
        async throws
    {
        try link(Installed.chat)
        let variables = Installed.variables.merging(["HOME": home.home, "CORRAL_STORES": "none"]) {
            _,
            own in own
        }
        try await withDaemon(
            home,
            change: { surroundings in
                surroundings.environment = UserEnvironment(variables: variables)
                surroundings.machine = { try Machine(Installed.environment) }
                surroundings.findServer = { _ in try Installed.server() }
            },
            run: { try await $0.run() }
        ) { daemon in
            let chat = "smollm2-135m-instruct"
            #expect(try await daemon.models() == [chat])
            let answer = try await daemon.chat(chat)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.value("usage", "completion_tokens") as? Int == 1)

            try home.configure("models: {\(chat): {context: 1024}}\n")
            let report = try await daemon.post("/corral/v1/reload", "{}")
            #expect(try report.value("models", "reloading") as? [String] == [chat])
            #expect(try await daemon.chat(chat).status == 200)

            try link(Installed.embed)
            try await daemon.until("the new model is served") {
                let body = #"{"model": "all-minilm-l6-v2", "input": "x"}"#
                return try await daemon.post("/v1/embeddings", body).status == 200
            }
            try FileManager.default.removeItem(atPath: "\(home.models)/\(Installed.embed)")
            try await daemon.until("it is served no more") { try await daemon.models() == [chat] }

            try home.keyFile.write([
                KeyRecord(
                    name: "me",
                    scope: "inference",
                    sha256: "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
                )
            ])
            try await daemon.until("a key is wanted") { try await daemon.chat(chat).status == 401 }
            #expect(try await daemon.get("/v1/models", key: "secret").status == 200)
        }
        let state = home.home + "/.local/state/corral"
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: state))
        #expect(names == ["learned.json", "corrections.json"])
    }

    #if CORRAL_LLAMA
    @Test func `the in-process engine answers by the same routes`() async throws {
        try link(Installed.chat)
        try home.configure("engine: in-process\ncontext: 512\n")
        try await withDaemon(
            home,
            change: { $0.machine = { try Machine(Installed.environment) } },
            run: { try await $0.run() }
        ) { daemon in
            let answer = try await daemon.chat("smollm2-135m-instruct")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.value("usage", "completion_tokens") as? Int == 1)
        }
    }
    #endif
}
