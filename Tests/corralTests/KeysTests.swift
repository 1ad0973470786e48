import ArgumentParser
import CorralServer
import Foundation
import Logging
import Synchronization
import Testing

@testable import corral

/// The file of API keys, and the command that writes it.
struct KeysTests {
    private let folder: ModelFolder
    private var file: KeyFile { KeyFile(path: folder.path + "/conf/keys.yaml") }

    init() throws { folder = try ModelFolder() }

    private func create(_ arguments: String...) throws -> Recording {
        let recording = Recording()
        try KeyCreate.parse(arguments).run(recording.console(), file)
        return recording
    }

    @Test func `a key is printed once and kept as its digest alone`() throws {
        let recording = try create("--name", "laptop", "--scope", "admin", "--concurrency", "3")
        let key = recording.output.trimmingCharacters(in: .newlines)
        #expect(key.hasPrefix("corral_") && !key.contains("\n"))
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(!text.contains(key) && !text.contains(key.dropFirst(7)))
        let record = try #require(try file.records().first)
        #expect(record.name == "laptop" && record.scope == "admin" && record.concurrency == 3)
        #expect(try record.key().digest == KeyDigest(of: key))
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o644)
        let list = Recording()
        try KeyList.parse([]).run(list.console(), file)
        #expect(list.output.contains("laptop") && !list.output.contains(key))
    }

    @Test func `names are used once, and a key that is revoked is gone`() throws {
        _ = try create("--name", "a")
        _ = try create("--name", "b", "--body-limit", "16MiB")
        #expect(throws: CommandFailure.self) { try create("--name", "a") }
        let recording = Recording()
        try KeyRevoke.parse(["a"]).run(recording.console(), file)
        #expect(try file.records().map(\.name) == ["b"])
        #expect(try file.records().first?.key().bodyLimit == 16 << 20)
        let missing = #expect(throws: CommandFailure.self) {
            try KeyRevoke.parse(["a"]).run(recording.console(), file)
        }
        #expect(missing?.status == .input && missing?.description.contains("b") == true)
        #expect(recording.errors.isEmpty)
        try KeyRevoke.parse(["b"]).run(recording.console(), file)
        #expect(recording.errors.contains("No key is left"))
        #expect(try file.records().isEmpty)
    }

    @Test(arguments: [
        ["--name", ""], ["--name", "two words"], ["--name", "a\nb"], ["--name", "ä"],
        ["--name", String(repeating: "a", count: 65)], ["--scope", "inference"],
        ["--name", "a", "--scope", "root"], ["--name", "a", "--concurrency", "0"],
        ["--name", "a", "--body-limit", "large"], ["--name", "a", "--body-limit", "0"],
    ])
    func `what makes no sense is refused before a key is made`(arguments: [String]) {
        #expect(throws: (any Error).self) { try KeyCreate.parse(arguments) }
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
        _ = try create("--name", "a")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        let error = #expect(throws: ConfigurationError.self) { try file.records() }
        #expect(error?.description.contains("chmod go-w") == true)
    }

    /// A clock that moves when it is told to.
    private final class Time: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func pass(_ duration: Duration) { instant.withLock { $0 += duration } }
    }

    @Test
    func
        `a running daemon knows of a change within a second, and keeps its keys when the file breaks`()
        throws
    {
        let time = Time()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let keys = try StoredKeys(file, logger: logger, now: { time.now })
        #expect(keys.keys.isEmpty)
        _ = try create("--name", "a")
        #expect(keys.keys.isEmpty)
        time.pass(StoredKeys.interval)
        #expect(keys.keys.map(\.name) == ["a"])
        try Data("keys: 7".utf8).write(to: URL(fileURLWithPath: file.path))
        time.pass(StoredKeys.interval)
        #expect(keys.keys.map(\.name) == ["a"])
        try FileManager.default.removeItem(atPath: file.path)
        time.pass(StoredKeys.interval)
        #expect(keys.keys.isEmpty)
    }

    @Test func `a file of keys that makes no sense stops the daemon from starting`() throws {
        let path = try folder.add("bad.yaml", Array("keys: 7".utf8))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        #expect(throws: ConfigurationError.self) {
            try StoredKeys(KeyFile(path: path), logger: logger)
        }
    }
}
