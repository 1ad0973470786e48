import CorralCache
import CorralMemory
import CorralPlanner
import Foundation
import Logging
import Testing

@testable import CorralDaemon

struct SettingsTests {
    private func settings(
        flags: [Setting: [String]] = [:],
        _ variables: [String: String] = [:],
        file text: String? = nil
    ) throws -> Settings {
        let file = try text.map { try ConfigFile(path: "/etc/corral/c.yaml", text: $0) }
        return try Settings(
            flags: flags,
            environment: UserEnvironment(variables: variables),
            file: file
        )
    }

    @Test func `a flag goes before the environment, that before the file, that before defaults`()
        throws
    {
        let file = "port: 3\nqueue-limit: 7\nmemory: 1GiB\n"
        let variables = ["CORRAL_PORT": "2", "CORRAL_MEMORY": "2GiB"]
        let settings = try settings(flags: [.port: ["1"]], variables, file: file)
        #expect(settings.port == 1)
        #expect(settings.memory == .bytes(.gibibytes(2)))
        #expect(settings.queueLimit == 7)
        #expect(settings.grace == .seconds(30))
        #expect(settings.sources.values[.port]?.source == .flag("port"))
        #expect(settings.sources.values[.memory]?.source == .environment("CORRAL_MEMORY"))
        #expect(
            settings.sources.values[.queueLimit]?.source == .file("/etc/corral/c.yaml", line: 2)
        )
        #expect(settings.sources.values[.grace] == nil)
    }

    @Test(arguments: Setting.allCases)
    func `every setting can be made in all three places`(setting: Setting) throws {
        let texts: [Setting: String] = [
            .folders: "/a", .stores: "ollama", .engine: "in-process", .memory: "1GiB",
            .host: "localhost", .port: "1",
            .context: "512",
            .parallel: "2", .kvType: "q8_0", .threads: "2", .gpuLayers: "3", .keepAlive: "1m",
            .policy: "lru", .sharedDesktop: "true", .prefetch: "off",
            .maxWait: "1s", .queueLimit: "4", .grace: "1s", .allowRemote: "true", .ollama: "true",
            .keyConcurrency: "3", .bodyLimit: "1MiB", .maxConnections: "9",
            .logLevel: "debug", .logFormat: "json",
        ]
        // A file of keys would have to be there.
        guard setting != .apiKeyFile else { return }
        let text = texts[setting] ?? "x"
        let byFlag = try settings(flags: [setting: [text]])
        let byVariable = try settings([setting.variable: text])
        let byFile = try settings(file: "\(setting.key): \"\(text)\"")
        for found in [byFlag, byVariable, byFile] {
            #expect(found.sources.values[setting]?.texts == [text])
        }
    }

    @Test func `an empty variable counts as absent, and lists have commas`() throws {
        let settings = try settings([
            "CORRAL_PORT": "", "CORRAL_MODELS": "/a,/b", "CORRAL_ALLOWED_HOST": "box",
        ])
        #expect(settings.port == 11435)
        #expect(settings.folders == ["/a", "/b"])
        #expect(settings.allowedHosts == ["box"])
    }

    @Test func `paths in the file are meant from where the file is`() throws {
        let settings = try settings(
            ["HOME": "/home/me"],
            file: "folders: [models, ~/more, /abs/./x/../y]\n"
        )
        #expect(settings.folders == ["/etc/corral/models", "/home/me/more", "/abs/y"])
    }

    @Test func `the usual folder is searched when none is named`() throws {
        let settings = try settings(["HOME": "/home/me", "XDG_CACHE_HOME": "/none"])
        #expect(settings.folders == ["/none/corral/models"])
    }

    @Test func `a shared desktop lets idle models go, unless a keep-alive is set`() throws {
        let shared = try settings(["CORRAL_SHARED_DESKTOP": "true"])
        #expect(shared.keepAlive == .sharedDesktop && shared.isSharedDesktop)
        let set = try settings(["CORRAL_SHARED_DESKTOP": "1", "CORRAL_KEEP_ALIVE": "5m"])
        #expect(set.keepAlive == .idle(.seconds(300)) && set.isSharedDesktop)
        let plain = try settings()
        #expect(plain.keepAlive == .untilEvicted && !plain.isSharedDesktop)
        #expect(plain.policy == "value" && plain.prefetching == .hinted)
    }

    @Test func `what was learned is kept in the folder of states, another, or nowhere`() throws {
        let usual = try settings(["HOME": "/home/me"])
        #expect(usual.stateFolder == "/home/me/.local/state/corral")
        let moved = try settings(["HOME": "/home/me", "XDG_STATE_HOME": "/state"])
        #expect(moved.stateFolder == "/state/corral")
        #expect(try settings(file: "state-folder: here").stateFolder == "/etc/corral/here")
        #expect(try settings(file: "state-folder: off").stateFolder == nil)
    }

    @Test func `a policy that does not exist is refused with those that do`() {
        let error = #expect(throws: ConfigurationError.self) {
            try settings(["CORRAL_POLICY": "fifo"])
        }
        #expect(error?.description.contains("value, lru") == true)
    }

    @Test func `a wrong variable is refused with its name`() {
        let error = #expect(throws: ConfigurationError.self) {
            try settings(["CORRAL_QUEUE_LIMIT": "many"])
        }
        #expect(error?.source == .environment("CORRAL_QUEUE_LIMIT"))
        #expect(error?.description.hasPrefix("environment CORRAL_QUEUE_LIMIT: ") == true)
    }

    @Test func `a port beside the address counts unless a port is set`() throws {
        #expect(try settings(["CORRAL_HOST": "127.0.0.1:8080"]).port == 8080)
        #expect(
            try settings(["CORRAL_HOST": "127.0.0.1:8080", "CORRAL_PORT": "9"]).port == 9
        )
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("::1", true),
        ("0.0.0.0", false), ("192.168.1.5", false), ("::", false), ("127.0.0.1.evil", false),
        ("127.0.0", false),
    ])
    func `an address other machines reach needs a key or an explicit word`(
        host: String,
        isLocal: Bool
    ) throws {
        #expect(Settings.isLoopback(host) == isLocal)
        let bare = try settings(flags: [.host: [host]])
        if isLocal {
            try bare.checkExposure()
        } else {
            let error = #expect(throws: ConfigurationError.self) { try bare.checkExposure() }
            #expect(error?.code == .exposed)
        }
        try settings(flags: [.host: [host], .apiKey: ["k"]]).checkExposure()
        try settings(flags: [.host: [host], .allowRemote: ["true"]]).checkExposure()
        try bare.checkExposure(hasStoredKeys: true)
    }

    @Test(arguments: [
        ("true", "127.0.0.1", 11434), ("12434", "127.0.0.1", 12434), ("::1", "::1", 11434),
        ("localhost:9", "localhost", 9),
    ])
    func `Ollama's clients are served where the setting says`(
        text: String,
        host: String,
        port: Int
    ) throws {
        let settings = try settings(["CORRAL_OLLAMA": text])
        #expect(settings.ollama == Settings.ListenAddress(host: host, port: port))
        #expect(throws: Never.self) { try settings.checkExposure() }
    }

    @Test func `Ollama's clients are served nowhere unless that is asked for`() throws {
        #expect(try settings().ollama == nil)
        #expect(try settings(file: "ollama: false").ollama == nil)
        #expect(throws: ConfigurationError.self) { try settings(["CORRAL_OLLAMA": "a b"]) }
        let open = try settings(["CORRAL_OLLAMA": "0.0.0.0"])
        let error = #expect(throws: ConfigurationError.self) { try open.checkExposure() }
        #expect(error?.code == .exposed)
    }

    @Test func `keys come from options and from a file, and are never shown`() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("keys-\(UUID().uuidString)").path
        try "# ours\nsecret-two\n\n secret-three \n".write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        defer { try? FileManager.default.removeItem(atPath: path) }
        let settings = try settings(flags: [.apiKey: ["secret-one"], .apiKeyFile: [path]])
        #expect(settings.apiKeys == ["secret-one", "secret-two", "secret-three"])
        let shown = "\(SettingsReport(settings).rows)"
        #expect(!shown.contains("secret-"))
        #expect(shown.contains("(1 hidden)"))
    }

    @Test func `a file of keys without keys is refused`() throws {
        #expect(throws: ConfigurationError.self) {
            try settings(flags: [.apiKeyFile: ["/dev/null"]])
        }
    }

    @Test func `the report tells each value and where it is set`() throws {
        let settings = try settings(
            flags: [.port: ["1"]],
            ["CORRAL_MEMORY": "2GiB"],
            file: "grace: 5s\nmodels:\n  m:\n    context: 7\n"
        )
        let rows = SettingsReport(settings).rows
        func row(_ setting: String) -> SettingsReport.Row? {
            rows.first { $0.setting == setting }
        }
        #expect(row("port")?.source == "flag --port")
        #expect(
            row("memory")
                == .init(
                    setting: "memory",
                    value: "2GiB",
                    source: "environment CORRAL_MEMORY"
                )
        )
        #expect(row("grace")?.source == "/etc/corral/c.yaml:1")
        #expect(row("models.m.context")?.source == "/etc/corral/c.yaml:4")
        #expect(row("host") == .init(setting: "host", value: "127.0.0.1", source: "default"))
        #expect(Set(rows.map(\.setting)).isSuperset(of: Setting.allCases.map(\.key)))
    }

    @Test(arguments: [
        ("127.0.0.1", "http://127.0.0.1:1"), ("box:80", "http://box:80"),
        ("http://box:80/", "http://box:80"), ("https://box", "https://box:1"),
        ("[::1]:5", "http://[::1]:5"), ("::1", "http://[::1]:1"),
    ])
    func `addresses are read as people write them`(text: String, url: String) {
        #expect(Address(parsing: text)?.url(standardPort: 1) == url)
    }

    @Test(arguments: ["", "http://", "box:port", "box:99999", "a b", "http://x/path", "me@box"])
    func `what is no address is refused`(text: String) {
        #expect(Address(parsing: text) == nil)
    }
}
