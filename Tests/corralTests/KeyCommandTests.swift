import ArgumentParser
import CorralDaemon
import CorralServer
import DaemonFixtures
import Foundation
import Testing

@testable import corral

/// The command that makes and revokes API keys.
struct KeyCommandTests {
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
}
