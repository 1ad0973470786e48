import CorralCache
import CorralCatalogue
import CorralLlamaServer
import CorralPlanner
import DaemonFixtures
import Foundation
import Testing

@testable import CorralDaemon

@Suite struct EngineOptionsTests {
    private let folder: ModelFolder

    init() throws {
        folder = try ModelFolder()
        try folder.addModel("Tiny-F32.gguf")
        try folder.addProjector("mmproj-Tiny-F16.gguf")
    }

    private func settings(_ text: String) throws -> Settings {
        try Settings(
            environment: UserEnvironment(variables: ["HOME": "/none", "CORRAL_STORES": "none"]),
            file: ConfigFile(path: "/c.yaml", text: "folders: [\(folder.path)]\n" + text)
        )
    }

    private func entry(_ settings: Settings) throws -> CatalogueEntry {
        try #require(ModelCatalogue(settings).search().entries.first)
    }

    @Test func `what is set for a model goes before all models, that before its store`() throws {
        let settings = try settings(
            """
            context: 1024
            threads: 3
            models: {tiny: {context: 512, arguments: [--temp, "0.1"]}}
            """
        )
        var entry = try entry(settings)
        entry.defaults.arguments = ["--top-k", "5"]
        entry.defaults.gpuLayers = 7
        let options = settings.serverOptions(for: entry, as: .chat)
        #expect(options.contextTokens == 512 && options.threads == 3 && options.gpuLayers == 7)
        #expect(options.extraArguments == ["--temp", "0.1"])
        #expect(options.alias == "tiny")
        let other = settings.serverOptions(for: nil, as: .chat)
        #expect(other.contextTokens == 1024 && other.alias == nil && other.slots == nil)
    }

    @Test func `only a model that chats is loaded with its projector`() throws {
        let settings = try settings("")
        let entry = try entry(settings)
        let projector = try #require(entry.projector)
        #expect(settings.serverOptions(for: entry, as: .chat).projector == projector)
        #expect(settings.serverOptions(for: entry, as: .embed).projector == nil)
    }

    @Test func `another name is the same options, another context is not`() throws {
        let settings = try settings("")
        var entry = try entry(settings)
        let before = settings.engineOptions(for: entry, as: .chat)
        entry.name = "other"
        #expect(settings.engineOptions(for: entry, as: .chat) != before)
        #expect(settings.engineOptions(for: entry, as: .chat).unnamed == before.unnamed)
        entry.overrides.contextTokens = 7
        #expect(settings.engineOptions(for: entry, as: .chat).unnamed != before.unnamed)
    }

    @Test func `the in-process engine's options are its own`() throws {
        let settings = try settings("engine: in-process\ncontext: 100000\nkv-type: q8_0\n")
        var entry = try entry(settings)
        let chat = settings.librarySettings(for: entry, as: .chat)
        #expect(chat.contextTokens == 100_000 && chat.keyCacheType == .q8_0)
        // It embeds as much as it was trained on, whatever is set for those that chat.
        #expect(settings.librarySettings(for: entry, as: .embed).contextTokens == 4096)
        let before = settings.engineOptions(for: entry, as: .chat)
        // Arguments of llama-server, and its name for answers, mean nothing there.
        entry.overrides.arguments = ["--temp", "0.1"]
        entry.name = "other"
        #expect(settings.engineOptions(for: entry, as: .chat) == before)
    }
}

@Suite struct DryRunFinderTests {
    private func environment(_ variables: [String: String] = [:]) -> UserEnvironment {
        UserEnvironment(variables: variables.merging(["HOME": "/home/me"]) { given, _ in given })
    }

    @Test func `the helper that is named goes before the one beside this program`() {
        let finder = DryRunFinder(isProgram: { _ in true }, ownPath: "/opt/bin/corral")
        #expect(
            finder.candidates(environment())
                == ["/opt/bin/corral-dry-run", "/opt/libexec/corral/corral-dry-run"]
        )
        #expect(finder.candidates(environment(["CORRAL_DRY_RUN": "~/dry"])) == ["/home/me/dry"])
    }

    @Test func `where there is no helper the sentence says that plans are analytic`() {
        let finder = DryRunFinder(isProgram: { _ in false }, ownPath: nil)
        let error = #expect(throws: ConfigurationError.self) { try finder.find(environment()) }
        #expect(error?.code == .missingHelper && error?.message.contains("analytic") == true)
    }

    @Test func `a program that is there is found`() throws {
        let finder = DryRunFinder(
            isProgram: { $0.hasPrefix("/opt/libexec") },
            ownPath: "/opt/bin/corral"
        )
        #expect(throws: Never.self) { try finder.find(environment()) }
    }
}
