import CorralCache
import CorralCatalogue
import CorralMemory
import CorralServer
import CorralTesting
import DaemonFixtures
import Dispatch
import Foundation
import Logging
import Synchronization
import Testing

@testable import CorralDaemon

@Suite struct ReloaderTests {
    private let folder: ModelFolder
    private let engine = FakeEngine()
    private let cache: ModelCache<FakeEngine>
    private let live: LiveSettings
    private let catalogue: ModelCatalogue
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        folder = try ModelFolder()
        try folder.addModel("a-F32.gguf")
        try folder.addModel("b-F32.gguf")
        cache = try ModelCache(
            engine: engine,
            host: ScriptedHost(limit: ByteCount(1000)),
            memory: .bytes(ByteCount(1000))
        )
        let settings = try Self.settings(folder.path, "")
        live = LiveSettings(settings)
        catalogue = ModelCatalogue(settings)
        catalogue.search()
    }

    private static func settings(_ folder: String, _ text: String) throws -> Settings {
        try Settings(
            environment: UserEnvironment(variables: ["HOME": "/none", "CORRAL_STORES": "none"]),
            file: ConfigFile(path: "/c.yaml", text: "folders: [\(folder)]\n" + text)
        )
    }

    private func reloader(
        _ read: @escaping @Sendable () throws -> Settings
    ) -> Reloader<FakeEngine> {
        Reloader(live, catalogue: catalogue, cache: cache, logger: logger, read: read)
    }

    private func model(_ name: String) -> ModelID {
        ModelID(path: "\(folder.path)/\(name)-F32.gguf", role: .chat)
    }

    @Test func `only what differs is touched, and the answer names it`() async throws {
        for name in ["a", "b"] { try await cache.withModel(model(name)) { _ in } }
        let new = try Self.settings(folder.path, "models: {a: {context: 7}, b: {pin: true}}")
        let report = try await reloader { new }.reload()
        #expect(report.reloading == ["a"] && report.pinned == ["b"] && report.changed.isEmpty)
        await engine.calls(atLeast: 3)
        #expect(engine.calls.last == .unload(model("a")))
        #expect(catalogue.entry(at: model("a").path)?.overrides.contextTokens == 7)
        let again = try await reloader { new }.reload()
        #expect(again.reloading.isEmpty && again.pinned.isEmpty && again.added.isEmpty)
        await cache.shutdown()
    }

    @Test func `settings that make no sense change nothing`() async throws {
        let before = live.current
        let path = folder.path
        await #expect(throws: ConfigurationError.self) {
            try await reloader { try Self.settings(path, "keep-alive: soon") }.reload()
        }
        // Nor do those that would let anybody in.
        let exposed = try Self.settings(path, "host: 0.0.0.0\nkeep-alive: 5m")
        let error = await #expect(throws: ConfigurationError.self) {
            try await reloader { exposed }.reload()
        }
        #expect(error?.code == .exposed)
        #expect(live.current.keepAlive == before.keepAlive && live.current.host == before.host)
        await cache.shutdown()
    }

    @Test func `a budget counts from the reload on`() async throws {
        let new = try Self.settings(folder.path, "memory: 1MiB\nkeep-alive: 5m")
        let report = try await reloader { new }.reload()
        #expect(Set(report.changed) == ["memory", "keep-alive"])
        #expect(live.current.keepAlive == new.keepAlive)
        await cache.shutdown()
    }

    @Test func `two reloads at once are made one after the other, each whole`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let (beginnings, began) = AsyncStream<Int>.makeStream()
        let reads = Mutex(0)
        let path = folder.path
        let reloader = reloader {
            let number = reads.withLock { count in
                count += 1
                return count
            }
            began.yield(number)
            gate.wait()
            return try Self.settings(path, "models: {a: {context: \(number)}}")
        }
        async let first = reloader.reload()
        async let second = reloader.reload()
        var begun = beginnings.makeAsyncIterator()
        #expect(await begun.next() == 1)
        // The second does not read before the first has ended.
        #expect(reads.withLock { $0 } == 1)
        gate.signal()
        #expect(await begun.next() == 2)
        #expect(catalogue.entry(at: model("a").path)?.overrides.contextTokens == 1)
        gate.signal()
        _ = try await (first, second)
        #expect(catalogue.entry(at: model("a").path)?.overrides.contextTokens == 2)
        await cache.shutdown()
    }

    // MARK: What was learned

    @Test func `what was learned is written every five minutes, and not by who was cancelled`()
        async throws
    {
        let clock = ManualClock()
        let file = LearnedStateFile(folder: folder.path + "/state")
        let keeper = LearnedStateKeeper(cache: cache, file: file, logger: logger, clock: clock)
        let running = Task { try await keeper.run() }
        await clock.sleepers()
        #expect(file.read() == .absent)
        clock.advance(by: .seconds(300))
        await clock.sleepers()
        guard case .found = file.read() else {
            Issue.record("nothing was written")
            return
        }
        try FileManager.default.removeItem(atPath: file.path)
        running.cancel()
        try await running.value
        #expect(file.read() == .absent)
        await cache.shutdown()
    }
}
