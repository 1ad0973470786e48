import CorralCache
import CorralCatalogue
import CorralLlamaServer
import CorralMemory
import DaemonFixtures
import Testing

@testable import CorralDaemon

struct ReloadTests {
    private func settings(_ file: String, keys: [String] = []) throws -> Settings {
        var settings = try Settings(
            environment: UserEnvironment(variables: ["HOME": "/none", "CORRAL_STORES": "none"]),
            file: ConfigFile(path: "/etc/corral.yaml", text: file)
        )
        settings.apiKeys += keys
        return settings
    }

    private func difference(_ old: String, _ new: String) throws -> SettingsDifference {
        let old = try settings(old)
        return SettingsDifference(from: old, started: old, to: try settings(new))
    }

    @Test func `the same settings do not differ, however they are arranged`() throws {
        let same = try difference("memory: 1GiB\nport: 1", "port: 1\n\n# more\nmemory: 1GiB")
        #expect(same.live.isEmpty && same.restart.isEmpty)
    }

    @Test func `what can change at once is told from what needs a restart`() throws {
        let found = try difference(
            "memory: 1GiB\nport: 1\nkeep-alive: 5m\nqueue-limit: 4",
            "memory: 2GiB\nport: 2\nfolders: [/a]\nlog-level: debug"
        )
        #expect(found.live == [.folders, .memory, .keepAlive, .logLevel])
        #expect(found.restart == [.port, .queueLimit])
    }

    @Test func `a change that is taken back needs no restart`() throws {
        let (started, changed) = (try settings("port: 1"), try settings("port: 2"))
        let back = SettingsDifference(from: changed, started: started, to: try settings("port: 1"))
        #expect(back.restart.isEmpty)
    }

    @Test func `a file of keys may change though its path does not`() throws {
        let found = SettingsDifference(
            from: try settings("", keys: ["a"]),
            started: try settings("", keys: ["a"]),
            to: try settings("", keys: ["a", "b"])
        )
        #expect(found.live == [.apiKey] && found.restart.isEmpty)
    }

    // MARK: Models

    private func snapshot(_ folder: ModelFolder, _ text: String) throws -> ModelChanges.Snapshot {
        let folders = text.contains("folders:") ? "" : "folders: [\(folder.path)]\n"
        let settings = try settings(folders + text)
        return ModelChanges.Snapshot(
            settings: settings,
            listing: ModelCatalogue(settings).search()
        )
    }

    private func changes(
        from old: String,
        to new: String,
        resident: [String] = ["a", "b"],
        between: (ModelFolder) throws -> Void = { _ in }
    ) throws -> ModelChanges {
        let folder = try ModelFolder()
        for name in ["a", "b"] { try folder.addModel("\(name)-F32.gguf") }
        let before = try snapshot(folder, old)
        try between(folder)
        return ModelChanges(
            from: before,
            to: try snapshot(folder, new),
            resident: resident.map { ModelID(path: "\(folder.path)/\($0)-F32.gguf", role: .chat) }
        )
    }

    @Test func `only a model whose own settings changed is loaded again`() throws {
        let found = try changes(
            from: "models: {a: {context: 1024}, b: {slots: 2}}",
            to: "models: {a: {context: 2048}, b: {slots: 2, keep-alive: 5m}}"
        )
        #expect(found.reloading == ["a"])
        #expect(found.leaving.count == 1)
    }

    @Test func `a setting for all models concerns those that have none of their own`() throws {
        let found = try changes(
            from: "models: {a: {context: 1024}}",
            to: "context: 512\nmodels: {a: {context: 1024}}"
        )
        #expect(found.reloading == ["b"])
    }

    @Test func `what is not in memory need not leave it`() throws {
        let found = try changes(from: "", to: "context: 512", resident: [])
        #expect(found.leaving.isEmpty && found.reloading.isEmpty)
    }

    @Test func `a model that is gone leaves, and one of another role too`() throws {
        let gone = try changes(from: "", to: "folders: [/none]")
        #expect(gone.removed == ["a", "b"] && gone.leaving.count == 2 && gone.reloading.isEmpty)
        let turned = try changes(from: "", to: "models: {a: {role: embed}}")
        #expect(turned.leaving.count == 1)
    }

    @Test func `pins are what was not pinned before, and the other way round`() throws {
        let found = try changes(from: "models: {a: {pin: true}}", to: "models: {b: {pin: true}}")
        #expect(found.pinned.map(\.path).allSatisfy { $0.hasSuffix("/b-F32.gguf") })
        #expect(found.unpinned.map(\.path).allSatisfy { $0.hasSuffix("/a-F32.gguf") })
        #expect(found.leaving.isEmpty)
    }

    @Test func `a new name alone is no reason to load a model again`() throws {
        let found = try changes(from: "", to: "", resident: ["a"]) { folder in
            // Now there are two quantizations, and the first has a longer name.
            try folder.addModel("a-Q8_0.gguf")
        }
        #expect(found.added == ["a-q8_0"])
        #expect(found.leaving.isEmpty)
    }
}
