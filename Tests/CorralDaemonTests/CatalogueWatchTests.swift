import CorralCache
import CorralCatalogue
import CorralGGUF
import CorralMemory
import CorralServer
import CorralTesting
import DaemonFixtures
import Foundation
import Logging
import Synchronization
import Testing

@testable import CorralDaemon

@Suite struct CatalogueWatchTests {
    private let folder: ModelFolder
    private let clock = ManualClock()
    private let lines = Lines()
    private let catalogue: ModelCatalogue
    private let watch: CatalogueWatch

    private final class Lines: Sendable {
        let text = Mutex("")
    }

    init() throws {
        folder = try ModelFolder()
        try folder.addModel("Tiny-F32.gguf")
        let write: @Sendable (String) -> Void = { [lines] line in lines.text.withLock { $0 += line }
        }
        let logger = Logger(label: "test") { label in
            LogLines(label: label, level: { .info }, format: .text, write: write)
        }
        var pinned = ModelOverrides()
        pinned.isPinned = true
        catalogue = ModelCatalogue(folders: [folder.path], overrides: [("late", pinned)])
        catalogue.search()
        watch = CatalogueWatch(catalogue, logger: logger, clock: clock)
    }

    @Test func `every second it looks, tells what came and went, and pins what is to be pinned`()
        async throws
    {
        let cache = try ModelCache(
            engine: FakeEngine(),
            host: ScriptedHost(limit: ByteCount(1000)),
            memory: .bytes(ByteCount(1000))
        )
        let running = Task { [watch, clock] in await watch.run(pinningIn: cache, clock: clock) }
        await clock.sleepers()
        try folder.addModel("Late-F32.gguf")
        try FileManager.default.removeItem(atPath: folder.path + "/Tiny-F32.gguf")
        #expect(catalogue.listing.entries.map(\.name) == ["tiny"])
        clock.advance(by: CatalogueWatch.interval)
        await clock.sleepers()
        #expect(catalogue.listing.entries.map(\.name) == ["late"])
        let text = lines.text.withLock { $0 }
        #expect(text.contains("found a model") && text.contains("model=late"))
        #expect(text.contains("a model is gone model=tiny"))
        let late = ModelID(path: folder.path + "/Late-F32.gguf", role: .chat)
        #expect(cache.statistics.models.filter(\.isPinned).map(\.id) == [late])
        running.cancel()
        await running.value
        await cache.shutdown()
    }

    @Test func `a name that is unknown has the folders looked at, and a known one does not`()
        async throws
    {
        let nudges = Mutex(0)
        let directory = CatalogueDirectory<LlamaNothing>(catalogue: catalogue) {
            nudges.withLock { $0 += 1 }
        }
        guard case .found(let entry) = directory.resolve("Tiny", role: nil) else {
            Issue.record("tiny is not found")
            return
        }
        #expect(
            entry.name == "tiny" && entry.id.role == .chat && entry.facts.architecture == "llama"
        )
        #expect(nudges.withLock { $0 } == 0)
        #expect(directory.resolve("tinny", role: nil) == .unknown(nearest: ["tiny"]))
        #expect(nudges.withLock { $0 } == 1)
        guard case .wrongRole = directory.resolve("tiny", role: .rerank) else {
            Issue.record("a chat model reranks")
            return
        }
        #expect(nudges.withLock { $0 } == 1)
        #expect(directory.entries.map(\.id.role) == [.chat, .embed])
    }

    /// An engine's options, for a test that loads nothing.
    private struct LlamaNothing: Hashable, Sendable {}
}
