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
        watch = CatalogueWatch(catalogue, logger: logger)
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

    @Test func `a model that came since is found by whoever waits for a look at the folders`()
        async throws
    {
        let watch = watch
        let directory = CatalogueDirectory(catalogue) { await watch.refresh() }
        #expect(directory.models.entries.map(\.id.role) == [.chat, .embed])
        let tiny = try #require(directory.models.entries.first)
        #expect(tiny.name == "tiny" && tiny.facts.architecture == "llama")
        try folder.addModel("Late-F32.gguf")
        #expect(!directory.models.entries.contains { $0.name == "late" })
        #expect(await directory.refreshed().entries.contains { $0.name == "late" })
        #expect(directory.models.entries.contains { $0.name == "late" })
    }
}
