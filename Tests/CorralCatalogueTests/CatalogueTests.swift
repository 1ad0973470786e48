import CorralCache
import CorralGGUF
import CorralMemory
import Dispatch
import Synchronization
import Testing

@testable import CorralCatalogue

struct CatalogueTests {
    private struct Broken: Error, CustomStringConvertible {
        var description: String { "The file begins with garbage; fetch it again." }
    }

    private final class Reads: Sendable {
        let paths = Mutex<[String]>([])
    }

    /// Facts follow from the file's name, so that no file is needed.
    private static func facts(_ path: String) throws -> ModelFacts {
        if path.contains("broken") { throw Broken() }
        var facts = ModelFacts(architecture: "llama", embeddingWidth: 576)
        if path.contains("mmproj") { facts.kind = .projector }
        if path.contains("lora") { facts.kind = .helper("an adapter") }
        if path.contains("embed") { facts.role = .embed }
        if path.contains("rerank") { facts.role = .rerank }
        return facts
    }

    private func catalogue(
        _ tree: MemoryTree,
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        reads: Reads = Reads()
    ) -> ModelCatalogue {
        let catalogue = ModelCatalogue(folders: ["/m"], overrides: overrides, tree: tree) { path in
            reads.paths.withLock { $0.append(path) }
            return try Self.facts(path)
        }
        catalogue.search()
        return catalogue
    }

    @Test func `models are listed by name, with what their headers say`() {
        let listing = catalogue(MemoryTree("/m/Chat-Q4_0.gguf", "/m/all-embed-f16.gguf")).listing
        #expect(listing.entries.map(\.name) == ["all-embed", "chat"])
        #expect(listing.entries.map(\.role) == [.embed, .chat])
        #expect(listing.entries.map(\.fileBytes.rawValue) == [1 << 20, 1 << 20])
    }

    @Test func `a broken file is listed with its reason and hides no other`() {
        let listing = catalogue(MemoryTree("/m/broken.gguf", "/m/chat.gguf")).listing
        #expect(listing.entries.map(\.name) == ["chat"])
        #expect(listing.unusable.map(\.path) == ["/m/broken.gguf"])
        #expect(listing.unusable.first?.reason.contains("garbage") == true)
        #expect(listing.unusable.first?.kind == .damaged)
    }

    @Test(arguments: [
        "chat", "Chat", "chat-q4_0", "chat:q4_0", "chat:latest", "Chat-Q4_0.gguf",
        "/m/Chat-Q4_0.gguf",
    ])
    func `a model answers to every spelling of its name`(name: String) throws {
        let entry = try catalogue(MemoryTree("/m/Chat-Q4_0.gguf")).entry(named: name)
        #expect(entry.path == "/m/Chat-Q4_0.gguf")
    }

    @Test func `a name two models could have is refused with both`() {
        let catalogue = catalogue(MemoryTree("/m/chat-Q4_0.gguf", "/m/chat-Q8_0.gguf"))
        let error = #expect(throws: CatalogueError.self) { try catalogue.entry(named: "chat") }
        #expect(error?.code == .ambiguousName)
        #expect(error?.suggestions == ["chat-q4_0", "chat-q8_0"])
        #expect(throws: Never.self) { try catalogue.entry(named: "chat:q8_0") }
    }

    @Test func `an unknown name is refused with the nearest`() {
        let catalogue = catalogue(MemoryTree("/m/smollm2-135m-q4_0.gguf"))
        let error = #expect(throws: CatalogueError.self) { try catalogue.entry(named: "smolm2") }
        #expect(error?.code == .unknownModel)
        #expect(error?.suggestions == ["smollm2-135m"])
        #expect(error?.message.contains("did you mean smollm2-135m?") == true)
    }

    @Test func `before the first search there is nothing, and nothing is read`() {
        let reads = Reads()
        let catalogue = ModelCatalogue(folders: ["/m"], tree: MemoryTree("/m/a.gguf")) { path in
            reads.paths.withLock { $0.append(path) }
            return try Self.facts(path)
        }
        #expect(catalogue.listing.entries.isEmpty)
        #expect(throws: CatalogueError.self) { try catalogue.entry(named: "a") }
        #expect(reads.paths.withLock { $0.isEmpty })
    }

    @Test func `a file that appears is found by the next search`() throws {
        let tree = MemoryTree("/m/a.gguf")
        let catalogue = catalogue(tree)
        tree.add("/m/b.gguf")
        #expect(throws: CatalogueError.self) { try catalogue.entry(named: "b") }
        #expect(catalogue.search().entries.map(\.name) == ["a", "b"])
        #expect(try catalogue.entry(named: "b").path == "/m/b.gguf")
        #expect(catalogue.entry(at: "/m/b.gguf")?.name == "b")
    }

    @Test func `a file that is gone is not found after the next search`() throws {
        let tree = MemoryTree("/m/a.gguf", "/m/b.gguf")
        let catalogue = catalogue(tree)
        tree.remove("/m/a.gguf")
        #expect(throws: Never.self) { try catalogue.entry(named: "a") }
        catalogue.search()
        #expect(throws: CatalogueError.self) { try catalogue.entry(named: "a") }
        #expect(catalogue.entry(at: "/m/a.gguf") == nil)
    }

    @Test func `lookups ask the disk nothing`() throws {
        let tree = MemoryTree("/m/a.gguf")
        let catalogue = catalogue(tree)
        let before = tree.accesses
        _ = try catalogue.entry(named: "a")
        #expect(throws: CatalogueError.self) { try catalogue.entry(named: "nothing") }
        _ = catalogue.listing.entries
        _ = catalogue.entry(at: "/m/a.gguf")
        #expect(tree.accesses == before)
    }

    @Test func `while nothing has changed a search opens nothing`() {
        let tree = MemoryTree("/m/a.gguf", "/m/deep/b.gguf")
        let catalogue = catalogue(tree)
        let before = tree.readings
        for _ in 0..<3 { catalogue.search() }
        #expect(tree.readings == before)
    }

    @Test func `searches at once are made one after the other, and lookups go on meanwhile`()
        async throws
    {
        let tree = MemoryTree("/m/a.gguf")
        let gate = DispatchSemaphore(value: 0)
        let (beginnings, began) = AsyncStream<String>.makeStream()
        let catalogue = ModelCatalogue(folders: ["/m"], tree: tree) { path in
            began.yield(path)
            gate.wait()
            return try Self.facts(path)
        }
        let queue = DispatchQueue(label: "searches", attributes: .concurrent)
        let (endings, ended) = AsyncStream<Int>.makeStream()
        for _ in 0..<2 { queue.async { ended.yield(catalogue.search().entries.count) } }
        var paths = beginnings.makeAsyncIterator()
        #expect(await paths.next() == "/m/a.gguf")
        // The header takes as long as the test likes; nobody who looks waits for it.
        #expect(catalogue.listing.entries.isEmpty)
        gate.signal()
        var counts = endings.makeAsyncIterator()
        #expect(await counts.next() == 1)
        #expect(await counts.next() == 1)
        began.finish()
        #expect(await paths.next() == nil, "the second search knew the header")
    }

    @Test func `other stores and overrides count from an update on`() throws {
        let tree = MemoryTree("/m/a.gguf", "/n/b.gguf")
        let catalogue = catalogue(tree)
        var overrides = ModelOverrides()
        overrides.role = .embed
        let listing = catalogue.update(
            stores: [ModelStore(.folder, at: "/n")],
            overrides: [("b", overrides)]
        )
        #expect(listing.entries.map(\.name) == ["b"] && listing.entries.map(\.role) == [.embed])
        #expect(catalogue.listing == listing)
    }

    @Test func `a header is read once for as long as its file is the same`() {
        let (tree, reads) = (MemoryTree("/m/a.gguf"), Reads())
        let catalogue = catalogue(tree, reads: reads)
        for _ in 0..<3 { catalogue.search() }
        #expect(reads.paths.withLock { $0 } == ["/m/a.gguf"])
        tree.add("/m/a.gguf", bytes: 5)
        catalogue.search()
        #expect(reads.paths.withLock { $0.count } == 2)
    }

    @Test func `overrides are applied to the model they name, and unknown names reported`() throws {
        var (roles, context) = (ModelOverrides(), ModelOverrides())
        roles.role = .embed
        context.contextTokens = 4096
        let catalogue = catalogue(
            MemoryTree("/m/chat-Q4_0.gguf"),
            overrides: [("Chat", roles), ("chat:q4_0", context), ("other", roles)]
        )
        let entry = try catalogue.entry(named: "chat")
        #expect(entry.role == .embed)
        #expect(entry.overrides.contextTokens == 4096)
        #expect(catalogue.listing.unmatchedOverrides == ["other"])
    }

    @Test func `a chat model also embeds, and a reranker does nothing else`() throws {
        let catalogue = catalogue(MemoryTree("/m/chat.gguf", "/m/rerank.gguf"))
        let roles = try [
            catalogue.model(named: "chat"), catalogue.model(named: "chat", role: .embed),
            catalogue.model(named: "rerank", role: .rerank),
        ].map(\.role)
        #expect(roles == [.chat, .embed, .rerank])
        let error = #expect(throws: CatalogueError.self) {
            try catalogue.model(named: "rerank", role: .chat)
        }
        #expect(error?.code == .wrongRole)
    }

    @Test func `a projector is paired with the model whose words it shares`() throws {
        let listing = catalogue(
            MemoryTree(
                "/m/gemma-3-4b-it-Q4_K_M.gguf",
                "/m/mmproj-gemma-3-4b-it-f16.gguf",
                "/m/qwen-Q4_0.gguf",
                "/m/mmproj-other-f16.gguf",
                "/m/lora-x.gguf"
            )
        ).listing
        #expect(listing.entries.map(\.name) == ["gemma-3-4b-it", "qwen"])
        #expect(
            listing.entries.map(\.projector) == ["/m/mmproj-gemma-3-4b-it-f16.gguf", nil]
        )
        #expect(listing.unusable.map(\.path) == ["/m/lora-x.gguf", "/m/mmproj-other-f16.gguf"])
        #expect(listing.unusable.map(\.kind) == [.helper, .helper])
    }

    @Test func `a projector of another width is not paired`() {
        let wide = ModelFacts(kind: .projector, architecture: "clip", embeddingWidth: 2048)
        let model = ModelFacts(architecture: "llama", embeddingWidth: 576)
        let projector = ProjectorPairing.projector(
            for: .init(path: "/m/a-Q4_0.gguf", label: "/m/a-Q4_0.gguf", scope: "/m", facts: model),
            among: [
                .init(
                    path: "/m/mmproj-F16.gguf",
                    label: "/m/mmproj-F16.gguf",
                    scope: "/m",
                    facts: wide
                )
            ]
        )
        #expect(projector == nil)
    }
}
