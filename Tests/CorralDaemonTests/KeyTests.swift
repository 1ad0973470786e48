import CorralServer
import CorralTesting
import DaemonFixtures
import Dispatch
import Foundation
import Logging
import Synchronization
import Testing

@testable import CorralDaemon

/// The file of API keys, and the keys a running daemon takes.
struct KeyTests {
    private let folder: ModelFolder
    private var file: KeyFile { KeyFile(path: folder.path + "/conf/keys.yaml") }
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws { folder = try ModelFolder() }

    private static func record(_ name: String) -> KeyRecord {
        KeyRecord(name: name, scope: "admin", sha256: KeyDigest(of: name).description)
    }

    private static let digest = KeyDigest(of: "k").description

    @Test(arguments: [
        "keys: 7", "- a", "keys:\n- name: a",
        "keys: [{name: a, scope: root, sha256: \(Self.digest)}]",
        "keys: [{name: a, scope: admin, sha256: abc}]", "keys: [", "key: []",
        "keys: [{name: a, scope: admin, sha256: \(Self.digest)}, "
            + "{name: a, scope: admin, sha256: \(Self.digest)}]",
        "keys: [{name: a, scope: admin, sha256: \(Self.digest), concurrency: 0}]",
        "keys: [{name: a, scope: admin, sha256: \(Self.digest), body-limit: x}]",
    ])
    func `a file that makes no sense is refused with its path`(text: String) throws {
        let path = try folder.add("bad.yaml", Array(text.utf8))
        let error = #expect(throws: ConfigurationError.self) {
            try KeyFile(path: path).records()
        }
        #expect(error?.description.contains(path) == true)
    }

    @Test(arguments: ["", "# nothing yet\n", "keys: []\n"])
    func `a file without keys has none`(text: String) throws {
        let path = try folder.add("empty.yaml", Array(text.utf8))
        #expect(try KeyFile(path: path).records().isEmpty)
        #expect(try KeyFile(path: path + ".not").records().isEmpty)
    }

    @Test(arguments: [0o622, 0o602, 0o620])
    func `a file that others can write is refused`(mode: Int) throws {
        try file.write([Self.record("a")])
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        let error = #expect(throws: ConfigurationError.self) { try file.records() }
        #expect(error?.description.contains("chmod go-w") == true)
    }

    @Test func `keys are written whole, in a folder that nobody else may enter`() throws {
        try file.write([Self.record("a"), Self.record("b")])
        #expect(try file.records() == [Self.record("a"), Self.record("b")])
        #expect(try file.keys().map(\.digest) == [KeyDigest(of: "a"), KeyDigest(of: "b")])
        let folder = (file.path as NSString).deletingLastPathComponent
        let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions]
        #expect(mode as? Int == 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["keys.yaml"])
    }

    @Test func `a folder that cannot be written to is an error with the path`() {
        let error = #expect(throws: ConfigurationError.self) {
            try KeyFile(path: "/dev/null/keys.yaml").write([])
        }
        #expect(error?.code == .unwritable && error?.message.contains("/dev/null") == true)
    }

    @Test func `a running daemon knows of a change, and keeps its keys when the file breaks`()
        async throws
    {
        let keys = try StoredKeys(file, logger: logger)
        #expect(keys.keys.isEmpty)
        try file.write([Self.record("a")])
        #expect(keys.keys.isEmpty, "nothing is read for who looks")
        await keys.refresh()
        #expect(keys.keys.map(\.name) == ["a"])
        try Data("keys: 7".utf8).write(to: URL(fileURLWithPath: file.path))
        await keys.refresh()
        #expect(keys.keys.map(\.name) == ["a"])
        try FileManager.default.removeItem(atPath: file.path)
        await keys.refresh()
        #expect(keys.keys.isEmpty)
    }

    @Test func `the file is looked at every second`() async throws {
        let clock = ManualClock()
        let keys = try StoredKeys(file, logger: logger)
        try file.write([Self.record("a")])
        let running = Task { await keys.run(clock: clock) }
        await clock.sleepers()
        #expect(keys.keys.isEmpty)
        clock.advance(by: .seconds(1))
        // It sleeps again when it has looked.
        await clock.sleepers()
        #expect(keys.keys.map(\.name) == ["a"])
        running.cancel()
        await running.value
    }

    @Test func `a disk that hangs keeps nobody from looking at the keys`() async throws {
        try file.write([Self.record("a")])
        let gate = DispatchSemaphore(value: 0)
        gate.signal()
        let (beginnings, began) = AsyncStream<Void>.makeStream()
        let keys = try StoredKeys(file, logger: logger) { file throws(ConfigurationError) in
            began.yield()
            gate.wait()
            return try file.keys()
        }
        var readings = beginnings.makeAsyncIterator()
        await readings.next()
        try file.write([Self.record("b")])
        let reading = Task { await keys.refresh() }
        await readings.next()
        for _ in 0..<1000 { #expect(keys.keys.map(\.name) == ["a"]) }
        gate.signal()
        await reading.value
        #expect(keys.keys.map(\.name) == ["b"])
    }

    @Test func `keys of the settings and of the file both count, and follow the settings`() throws {
        try file.write([Self.record("stored")])
        let environment = UserEnvironment(variables: ["HOME": folder.path])
        var settings = try Settings(flags: [.stores: ["none"]], environment: environment)
        settings.apiKeys = ["first"]
        let live = LiveSettings(settings)
        let keys = ServedKeys(live, try StoredKeys(file, logger: logger))
        #expect(keys.hasStored)
        #expect(keys.keys.map(\.digest) == ["first", "stored"].map(KeyDigest.init(of:)))
        #expect(keys.keys.first?.scope == .admin)
        settings.apiKeys = ["second"]
        live.current = settings
        #expect(keys.keys.map(\.digest) == ["second", "stored"].map(KeyDigest.init(of:)))
    }

    @Test func `a file of keys that makes no sense stops the daemon from starting`() throws {
        let path = try folder.add("bad.yaml", Array("keys: 7".utf8))
        #expect(throws: ConfigurationError.self) {
            try StoredKeys(KeyFile(path: path), logger: logger)
        }
    }
}
