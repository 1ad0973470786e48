import CorralCache
import CorralCatalogue
import CorralPlanner
import Testing

@testable import CorralDaemon

struct ConfigFileTests {
    private func file(_ text: String) throws(ConfigurationError) -> ConfigFile {
        try ConfigFile(path: "/etc/c.yaml", text: text)
    }

    private func failure(_ text: String) -> ConfigurationError? {
        do throws(ConfigurationError) {
            _ = try Settings(environment: UserEnvironment(variables: [:]), file: file(text))
            return nil
        } catch {
            return error
        }
    }

    @Test func `settings and models are read with their lines`() throws {
        let file = try file(
            """
            # comment
            folders: [/a, /b]
            max_wait: 2m

            models:
              Some-Model:
                context: 4096
                pin: yes
            """
        )
        #expect(file.settings[.folders]?.texts == ["/a", "/b"])
        #expect(file.settings[.folders]?.line == 2)
        #expect(file.settings[.maxWait]?.texts == ["2m"])
        #expect(file.models.map(\.name) == ["Some-Model"])
        #expect(file.models.first?.values["context"]?.line == 7)
    }

    @Test func `JSON is read too, being YAML`() throws {
        let file = try file(#"{"models": {"m": {"keep_alive": "0"}}, "port": 80}"#)
        #expect(file.settings[.port]?.texts == ["80"])
        #expect(try file.overrides().map(\.name) == ["m"])
    }

    @Test func `every setting of a model is understood`() throws {
        let file = try file(
            """
            models:
              m:
                role: rerank
                context: 4096
                kv-type: q8_0
                cache-type-v: f16
                slots: 2
                threads: 3
                gpu-layers: 10
                keep-alive: 5m
                pin: true
                arguments: [--temp, 0.2]
            """
        )
        var expected = ModelOverrides()
        expected.role = .rerank
        expected.contextTokens = 4096
        expected.keyCacheType = .q8_0
        expected.valueCacheType = .f16
        expected.slots = 2
        expected.threads = 3
        expected.gpuLayers = 10
        expected.keepAlive = .idle(.seconds(300))
        expected.isPinned = true
        expected.arguments = ["--temp", "0.2"]
        #expect(try file.overrides().map(\.overrides) == [expected])
    }

    @Test func `an empty file and empty keys set nothing`() throws {
        #expect(try file("").settings.isEmpty)
        let file = try file("memory:\nmodels:\nport: ~\n")
        #expect(file.settings.isEmpty)
        #expect(file.models.isEmpty)
    }

    @Test(arguments: [
        ("memory: 75%\nmemroy: 1\n", 2, "did you mean memory?"),
        ("models:\n  m:\n    contxt: 5\n", 3, "did you mean context?"),
        ("zzzzzz: 1", 1, "known are"),
    ])
    func `an unknown key is refused with its line and the nearest`(
        text: String,
        line: Int,
        hint: String
    ) {
        let error = failure(text)
        #expect(error?.code == .unknownKey)
        #expect(error?.source == .file("/etc/c.yaml", line: line))
        #expect(error?.message.contains(hint) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("port: many", 1), ("\nport: 70000", 2), ("memory: lots", 1), ("memory: 0%", 1),
        ("kv-type: q9", 1), ("keep-alive: soon", 1), ("log-level: loud", 1),
        ("port: [1, 2]", 1), ("models:\n  m:\n    slots: 0", 3),
        ("models:\n  m:\n    pin: maybe", 3), ("models:\n  m:\n    arguments: --temp", 3),
        ("models:\n  m:\n    context: [1]", 3), ("port: {a: 1}", 1),
    ])
    func `a value that makes no sense is refused with its line`(text: String, line: Int) {
        let error = failure(text)
        #expect(error?.code == .invalidValue)
        #expect(error?.source == .file("/etc/c.yaml", line: line))
        #expect(error?.description.hasPrefix("/etc/c.yaml:\(line): ") == true)
    }

    @Test(arguments: [
        ("a: b: c", 1), ("port: 1\nport: 2\n", 1), ("ok: [1, 2\nmore: 3", 2), ("just text", 1),
        ("- a\n- b", 1), ("models: [a]", 1),
    ])
    func `what is no mapping is refused with a line`(text: String, line: Int) {
        let error = failure(text)
        #expect(error?.code == .malformed)
        guard case .file(_, let found)? = error?.source else {
            Issue.record("no line")
            return
        }
        #expect(found >= line)
    }

    @Test func `a file that was named must be there`() {
        let error = #expect(throws: ConfigurationError.self) {
            try Settings.read(
                configuration: "/no/such.yaml",
                environment: UserEnvironment(variables: [:])
            )
        }
        #expect(error?.code == .unreadable)
    }
}
