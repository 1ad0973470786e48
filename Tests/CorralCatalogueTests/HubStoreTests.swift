import CorralMemory
import Testing

@testable import CorralCatalogue

struct HubStoreTests {
    private static let main = String(repeating: "a", count: 40)
    private static let old = String(repeating: "b", count: 40)

    /// A cache with one repository: two quantizations and a projector, and an older revision.
    private func hub(_ root: String = "/hub") -> MemoryTree {
        let tree = MemoryTree()
        let folder = "\(root)/models--org--Tiny-3B-GGUF"
        for (blob, file) in [
            ("1", "Tiny-3B-Q8_0.gguf"), ("2", "Tiny-3B-Q4_K_M.gguf"), ("3", "mmproj-F16.gguf"),
        ] {
            tree.add("\(folder)/blobs/\(blob)")
            tree.link("\(folder)/snapshots/\(Self.main)/\(file)", to: "\(folder)/blobs/\(blob)")
        }
        tree.add("\(folder)/blobs/4")
        tree.link("\(folder)/snapshots/\(Self.old)/Tiny-3B-Q2_K.gguf", to: "\(folder)/blobs/4")
        tree.add("\(folder)/refs/main", text: Self.main + "\n")
        return tree
    }

    private func listing(_ tree: MemoryTree, _ stores: ModelStore...) -> CatalogueListing {
        ModelCatalogue(stores: stores, tree: tree) {
            ModelFacts(
                kind: $0.contains("mmproj") ? .projector : .model,
                architecture: "llama",
                embeddingWidth: 8
            )
        }.search()
    }

    @Test func `the main revision's files are found under llama cpp's names`() throws {
        let listing = listing(hub(), ModelStore(.huggingFace, at: "/hub"))
        #expect(listing.entries.map(\.name) == ["tiny-3b-q4_k_m", "tiny-3b-q8_0"])
        for name in ["org/Tiny-3B-GGUF:Q8_0", "tiny-3b:q8_0"] {
            #expect(try listing.entry(named: name).name == "tiny-3b-q8_0")
        }
        #expect(try listing.entry(named: "org/tiny-3b-gguf").name == "tiny-3b-q4_k_m")
        #expect(listing.entries.allSatisfy { $0.projector?.hasSuffix("/mmproj-F16.gguf") == true })
        #expect(listing.entries.allSatisfy { $0.projectorBytes.rawValue == 1 << 20 })
    }

    @Test func `a projector of the repository serves a model in a folder of it`() {
        let tree = hub()
        let folder = "/hub/models--org--Tiny-3B-GGUF"
        tree.add("\(folder)/blobs/5")
        tree.link(
            "\(folder)/snapshots/\(Self.main)/BF16/Tiny-3B-BF16.gguf",
            to: "\(folder)/blobs/5"
        )
        let listing = listing(tree, ModelStore(.huggingFace, at: "/hub"))
        #expect(listing.entries.allSatisfy { $0.projector != nil })
        #expect(listing.entries.count == 3)
    }

    @Test func `without a reference the last revision is taken`() {
        let tree = hub()
        tree.remove("/hub/models--org--Tiny-3B-GGUF/refs/main")
        let listing = listing(tree, ModelStore(.huggingFace, at: "/hub"))
        #expect(listing.entries.map(\.name) == ["tiny-3b"])
        #expect(listing.entries.first?.path.contains(Self.old) == true)
    }

    @Test func `dangling links and broken downloads are told apart`() {
        let tree = hub()
        let folder = "/hub/models--org--Tiny-3B-GGUF"
        tree.link("\(folder)/snapshots/\(Self.main)/Tiny-3B-F16.gguf", to: "\(folder)/blobs/9")
        tree.add("\(folder)/blobs/9.incomplete")
        let listing = listing(tree, ModelStore(.huggingFace, at: "/hub"))
        #expect(listing.entries.count == 2)
        #expect(Set(listing.unusable.map(\.kind)) == [.damaged, .unfinished])
    }

    @Test func `repositories without GGUF files are not mentioned`() {
        let tree = MemoryTree()
        tree.add("/hub/models--bert-base/snapshots/\(Self.main)/model.safetensors")
        tree.add("/hub/models--bert-base/blobs/1.incomplete")
        tree.add("/hub/datasets--a--b/snapshots/x/y.gguf")
        let listing = listing(tree, ModelStore(.huggingFace, at: "/hub"))
        #expect(listing.entries.isEmpty)
        #expect(listing.unusable.isEmpty)
    }

    @Test func `llama cpp's folder may be such a cache, and so may one that a person names`() {
        for store in [ModelStore(.llamaCpp, at: "/hub"), ModelStore(.folder, at: "/hub")] {
            #expect(listing(hub(), store).entries.count == 2)
        }
    }

    @Test(arguments: [
        ("models--org--name", "org/name"), ("models--gpt2", "gpt2"), ("models--", nil),
        ("datasets--org--name", nil), ("models--a--b--c", "a/b--c"),
    ])
    func `a folder's name says the repository`(folder: String, repository: String?) {
        #expect(HubScan.repository(folder) == repository)
    }

    @Test func `llama cpp's manifests say which repository a file is of`() throws {
        let tree = MemoryTree(
            "/c/org_Tiny-3B-GGUF_Tiny-3B-Q4_K_M.gguf",
            "/c/org_Tiny-3B-GGUF_mmproj-F16.gguf",
            "/c/ggml-org_Some_Model_file-q8_0.gguf",
            "/c/else_Other-GGUF_Other-Q8_0.gguf",
            "/c/half.gguf.downloadInProgress"
        )
        tree.add(
            "/c/manifest=org=Tiny-3B-GGUF=latest.json",
            text: """
                {"ggufFile": {"rfilename": "Tiny-3B-Q4_K_M.gguf", "size": 1},
                 "mmprojFile": {"rfilename": "mmproj-F16.gguf"}}
                """
        )
        tree.add(
            "/c/manifest=ggml-org=Some_Model=q8_0.json",
            text: #"{"ggufFile": {"rfilename": "file-q8_0.gguf"}}"#
        )
        tree.add("/c/manifest=evil=x=y.json", text: #"{"ggufFile": {"rfilename": "../../e.gguf"}}"#)
        let listing = listing(tree, ModelStore(.llamaCpp, at: "/c"))
        #expect(listing.entries.map(\.name) == ["file", "other", "tiny-3b"])
        let tiny = try listing.entry(named: "org/Tiny-3B-GGUF")
        #expect(tiny.projector == "/c/org_Tiny-3B-GGUF_mmproj-F16.gguf")
        #expect(try listing.entry(named: "ggml-org/Some_Model:Q8_0").name == "file")
        #expect(listing.unusable.map(\.kind) == [.unfinished])
    }
}
