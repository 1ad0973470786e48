import CorralCache
import CorralMemory
import CorralTesting
import Foundation
import Logging
import Testing

@testable import CorralDaemon

@Suite struct LearnedStateTests {
    /// A folder of a test's own, gone when the test is.
    private final class Scratch {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "corral-state-\(UUID().uuidString)"
        ).path

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// What a cache learns that lends some models, each twice.
    private func learned(models: Int = 3) async throws -> LearnedState {
        var configuration = CacheConfiguration()
        configuration.policy = try EvictionPolicies.named("value")
        let cache = try ModelCache(
            engine: FakeEngine(),
            host: ScriptedHost(limit: ByteCount(1000)),
            memory: .bytes(ByteCount(1000)),
            configuration: configuration
        )
        for number in 0..<models * 2 {
            let model = ModelID(
                path: "/models/a-model-of-some-size-\(number % models).gguf",
                role: .chat
            )
            try await cache.withModel(model) { _ in }
        }
        let learned = cache.learned
        await cache.shutdown()
        return learned
    }

    @Test func `what was written is read again, with the time that has passed`() async throws {
        let scratch = Scratch()
        let file = LearnedStateFile(folder: scratch.path + "/deep/er")
        let learned = try await learned()
        #expect(file.read() == .absent)
        let then = Date(timeIntervalSince1970: 1_700_000_000)
        try file.write(learned, now: then)
        #expect(file.read(now: then + 90) == .found(learned, ago: .seconds(90)))
        // A clock that was set back.
        #expect(file.read(now: then - 90) == .found(learned, ago: .zero))
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/deep/er")
        #expect(names == ["learned.json"])
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func `a model takes about a kilobyte and a half at most`() async throws {
        let scratch = Scratch()
        let file = LearnedStateFile(folder: scratch.path)
        try file.write(try await learned(models: 100))
        let size = try Data(contentsOf: URL(fileURLWithPath: file.path)).count
        #expect(size < 100 * 1536, "\(size)")
    }

    @Test(arguments: [
        "", "{", "no JSON", "[]", #"{"version": 2, "savedAt": 0, "learned": {}}"#,
        #"{"version": 1, "savedAt": "yesterday", "learned": {}}"#,
    ])
    func `a file that makes no sense is set aside, and what it held is kept`(
        content: String
    ) throws {
        let scratch = Scratch()
        let file = LearnedStateFile(folder: scratch.path)
        try FileManager.default.createDirectory(
            atPath: scratch.path,
            withIntermediateDirectories: true
        )
        try Data(content.utf8).write(to: URL(fileURLWithPath: file.path))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        #expect(file.reading(logger) == nil)
        #expect(file.read() == .absent)
        let aside = try String(contentsOfFile: file.path + ".unreadable", encoding: .utf8)
        #expect(aside == content)
    }

    @Test func `every cut of a file is set aside and never fatal`() async throws {
        let scratch = Scratch()
        let file = LearnedStateFile(folder: scratch.path)
        try file.write(try await learned())
        let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
        for length in stride(from: 0, to: whole.count, by: 97) {
            try whole.prefix(length).write(to: URL(fileURLWithPath: file.path))
            guard case .setAside = file.read() else {
                Issue.record("a file of \(length) bytes was read")
                continue
            }
        }
    }

    @Test func `a folder that cannot be written to is an error and leaves nothing`() async throws {
        let file = LearnedStateFile(folder: "/dev/null/state")
        let learned = try await learned(models: 1)
        #expect(throws: (any Error).self) { try file.write(learned) }
        #expect(file.read() == .absent)
    }
}
