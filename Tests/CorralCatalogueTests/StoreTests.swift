import CorralGGUF
import CorralMemory
import Testing

@testable import CorralCatalogue

struct StoreTests {
    private func catalogue(
        _ tree: MemoryTree,
        _ stores: ModelStore...
    ) -> ModelCatalogue {
        ModelCatalogue(stores: stores, tree: tree) { path in
            if path.contains("torn") { throw CatalogueError(.unusableFile, subject: path, "Torn.") }
            return ModelFacts(architecture: "llama", embeddingWidth: 8)
        }
    }

    @Test func `tools are looked for where their own variables say, else at home`() {
        func paths(_ kind: ModelStore.Kind, _ variables: [String: String] = [:]) -> [String] {
            ModelStore.defaults([kind], variables: variables, home: "/home/me", isDarwin: false)
                .map(\.path)
        }
        #expect(
            paths(.ollama) == ["/home/me/.ollama/models", "/usr/share/ollama/.ollama/models"]
        )
        #expect(paths(.ollama, ["OLLAMA_MODELS": "~/m"]) == ["/home/me/m"])
        #expect(
            paths(.lmStudio) == ["/home/me/.lmstudio/models", "/home/me/.cache/lm-studio/models"]
        )
        #expect(paths(.llamaCpp) == ["/home/me/.cache/llama.cpp"])
        #expect(paths(.llamaCpp, ["LLAMA_CACHE": "/l", "XDG_CACHE_HOME": "/x"]) == ["/l"])
        #expect(paths(.llamaCpp, ["XDG_CACHE_HOME": "/x"]) == ["/x/llama.cpp"])
        #expect(paths(.huggingFace) == ["/home/me/.cache/huggingface/hub"])
        #expect(paths(.huggingFace, ["HF_HOME": "/h"]) == ["/h/hub"])
        #expect(paths(.huggingFace, ["HF_HOME": "/h", "HF_HUB_CACHE": "/c"]) == ["/c"])
        let darwin = ModelStore.defaults(
            [.llamaCpp],
            variables: [:],
            home: "/Users/me",
            isDarwin: true
        )
        #expect(darwin.map(\.path) == ["/Users/me/Library/Caches/llama.cpp"])
    }

    @Test func `a tool that is not installed is no problem`() {
        let listing = catalogue(
            MemoryTree("/m/a.gguf"),
            ModelStore(.folder, at: "/m"),
            ModelStore(.ollama, at: "/none"),
            ModelStore(.huggingFace, at: "/none")
        ).search()
        #expect(listing.entries.count == 1)
        #expect(listing.unusable.isEmpty)
    }

    @Test func `LM Studio's models answer to publisher and repository`() throws {
        let tree = MemoryTree(
            "/s/pub/Tiny-3B-GGUF/Tiny-3B-Q4_K_M.gguf",
            "/s/pub/Tiny-3B-GGUF/Tiny-3B-Q8_0.gguf",
            "/s/pub/Tiny-3B-GGUF/downloading_Tiny-3B-F16.gguf",
            "/s/loose.gguf"
        )
        let listing = catalogue(tree, ModelStore(.lmStudio, at: "/s")).search()
        #expect(listing.entries.map(\.name) == ["loose", "tiny-3b-q4_k_m", "tiny-3b-q8_0"])
        for name in ["tiny-3b@q8_0", "pub/Tiny-3B-GGUF@q8_0", "pub/tiny-3b-gguf/tiny-3b-q8_0"] {
            #expect(try listing.entry(named: name).name == "tiny-3b-q8_0")
        }
        #expect(listing.unusable.map(\.kind) == [.unfinished])
    }

    @Test func `a file reached in two stores is one model with the names of both`() throws {
        let tree = MemoryTree("/m/Tiny-Q4_0.gguf")
        tree.link("/s/pub/Other-GGUF/Other-Q4_0.gguf", to: "/m/Tiny-Q4_0.gguf")
        let listing = catalogue(
            tree,
            ModelStore(.folder, at: "/m"),
            ModelStore(.lmStudio, at: "/s")
        ).search()
        let entry = try #require(listing.entries.first)
        #expect(listing.entries.count == 1)
        #expect(entry.name == "tiny")
        #expect(entry.places.map(\.store) == [.lmStudio])
        for name in ["other", "pub/other-gguf", "/s/pub/Other-GGUF/Other-Q4_0.gguf"] {
            #expect(try listing.entry(named: name).path == "/m/Tiny-Q4_0.gguf")
        }
    }

    @Test func `a store that comes later takes no name from one before it`() throws {
        let tree = MemoryTree("/m/tiny-Q4_0.gguf")
        let folders = ModelStore(.folder, at: "/m")
        #expect(catalogue(tree, folders).search().entries.map(\.name) == ["tiny"])
        tree.add("/s/pub/Tiny-GGUF/Tiny-Q4_0.gguf")
        tree.add("/t/pub/Tiny-GGUF/Tiny-Q4_0.gguf")
        let listing = catalogue(
            tree,
            folders,
            ModelStore(.lmStudio, at: "/s"),
            ModelStore(.llamaCpp, at: "/t")
        ).search()
        #expect(listing.entries.map(\.name) == ["lm-studio/tiny", "tiny"])
        #expect(try listing.entry(named: "tiny").path == "/m/tiny-Q4_0.gguf")
        let second = try listing.entry(named: "lm-studio/tiny")
        #expect(second.shorterName == "tiny")
        #expect(listing.holders(of: "tiny").map(\.name) == ["tiny"])
    }

    @Test func `while nothing changes, looking again reads no folder`() {
        let tree = MemoryTree("/m/a.gguf", "/m/deep/b.gguf")
        let catalogue = catalogue(tree, ModelStore(.folder, at: "/m"))
        func look() -> Int { catalogue.search().entries.count }
        #expect(look() == 2)
        let readings = tree.readings
        #expect(look() == 2)
        #expect(tree.readings == readings)
        tree.add("/m/deep/c.gguf")
        #expect(look() == 3)
        #expect(tree.readings > readings)
        tree.remove("/m/a.gguf")
        #expect(look() == 2)
        // The same name with other content.
        tree.add("/m/deep/b.gguf", bytes: 3)
        #expect(look() == 2)
        #expect(catalogue.search().entries.map(\.fileBytes.rawValue) == [3, 1 << 20])
    }

    @Test func `a file being copied is offered when it is whole`() {
        let tree = MemoryTree("/m/torn.gguf")
        let catalogue = ModelCatalogue(folders: ["/m"], tree: tree) { path in
            guard case .file(let identity) = tree.item(at: path), identity.byteCount > 1 << 20
            else {
                throw CatalogueError(.unusableFile, subject: path, "It ends too early.")
            }
            return ModelFacts(architecture: "llama")
        }
        #expect(catalogue.search().entries.isEmpty)
        #expect(catalogue.search().unusable.count == 1)
        tree.add("/m/torn.gguf", bytes: 2 << 20)
        #expect(catalogue.search().entries.map(\.name) == ["torn"])
        #expect(catalogue.search().unusable.isEmpty)
    }

    @Test func `what a person did not put there is not worth a warning`() {
        let tree = MemoryTree("/m/torn.gguf", "/s/pub/repo/torn.gguf")
        let listing = catalogue(
            tree,
            ModelStore(.folder, at: "/m"),
            ModelStore(.lmStudio, at: "/s")
        ).search()
        #expect(listing.unusable.map(\.isNoteworthy) == [true, false])
    }
}
