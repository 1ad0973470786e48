import Testing

@testable import CorralCatalogue

struct OllamaStoreTests {
    private static let registry = "/o/manifests/registry.ollama.ai/library"

    private static func digest(_ letter: Character) -> String {
        String(repeating: letter, count: 64)
    }

    /// Adds a model whose blobs have a megabyte each.
    private func add(
        _ path: String,
        _ layers: (kind: String, blob: Character)...,
        to tree: MemoryTree,
        present: Bool = true
    ) {
        let entries = layers.map { kind, blob in
            """
            {"mediaType": "application/vnd.ollama.image.\(kind)",
             "digest": "sha256:\(Self.digest(blob))", "size": 1048576}
            """
        }
        let config =
            #"{"mediaType": "application/vnd.docker.container.image.v1+json", "digest": "", "size": 1}"#
        tree.add(
            path,
            text:
                #"{"schemaVersion": 2, "config": \#(config), "layers": [\#(entries.joined(separator: ","))]}"#
        )
        guard present else { return }
        for (_, blob) in layers { tree.add("/o/blobs/sha256-\(Self.digest(blob))") }
    }

    private func scan(_ tree: MemoryTree) -> StoreScan {
        StoreScan([ModelStore(.ollama, at: "/o")], in: tree)
    }

    @Test func `models have the names Ollama shows, latest being implied`() {
        let tree = MemoryTree()
        add("\(Self.registry)/llama3.2/latest", ("model", "a"), to: tree)
        add("\(Self.registry)/qwen3/8b", ("model", "b"), to: tree)
        add("/o/manifests/registry.ollama.ai/me/mine/v1", ("model", "c"), to: tree)
        add("/o/manifests/hf.co/someone/Tiny-GGUF/Q4_K_M", ("model", "d"), to: tree)
        let names = scan(tree).files.map { NameCandidates($0).ordered[0] }
        #expect(
            Set(names) == [
                "llama3.2", "qwen3:8b", "me/mine:v1", "hf.co/someone/Tiny-GGUF:Q4_K_M",
            ]
        )
    }

    @Test func `a blob under two tags is one model with both names`() throws {
        let tree = MemoryTree()
        add("\(Self.registry)/llama3.2/3b", ("model", "a"), to: tree)
        add("\(Self.registry)/llama3.2/latest", ("model", "a"), to: tree)
        let file = try #require(scan(tree).files.first)
        #expect(scan(tree).files.count == 1)
        let names = NameCandidates(file)
        #expect(names.ordered[0] == "llama3.2")
        #expect(
            Set(names.aliases).isSuperset(of: ["llama3.2:3b", "library/llama3.2:3b"]),
            "\(names.aliases)"
        )
    }

    @Test func `the projector a manifest names is the model's, whatever it is called`() {
        let tree = MemoryTree()
        add("\(Self.registry)/llava/7b", ("model", "a"), ("projector", "b"), to: tree)
        add("\(Self.registry)/other/7b", ("model", "c"), to: tree)
        let catalogue = ModelCatalogue(stores: [ModelStore(.ollama, at: "/o")], tree: tree) {
            ModelFacts(
                kind: $0.contains(Self.digest("b")) ? .projector : .model,
                architecture: "llama",
                embeddingWidth: 8
            )
        }
        let listing = catalogue.search()
        #expect(listing.entries.map(\.name) == ["llava:7b", "other:7b"])
        #expect(
            listing.entries.map(\.projector) == ["/o/blobs/sha256-\(Self.digest("b"))", nil]
        )
        #expect(listing.unusable.isEmpty)
    }

    @Test func `parameters become arguments where a person sets none`() throws {
        let tree = MemoryTree()
        add("\(Self.registry)/m/latest", ("model", "a"), ("params", "b"), to: tree)
        tree.add(
            "/o/blobs/sha256-\(Self.digest("b"))",
            text: #"{"temperature": 0.6, "top_k": 20, "stop": ["<|end|>"], "num_ctx": 4096}"#
        )
        let file = try #require(scan(tree).files.first)
        #expect(file.defaults.arguments == ["--temp", "0.6", "--top-k", "20"])
        let named = try #require(file.nameDefaults["m"])
        #expect(named.contextTokens == 4096 && named.stops == ["<|end|>"] && named.system == nil)
    }

    @Test func `of two names of one file each keeps what its system says`() throws {
        let tree = MemoryTree()
        add("\(Self.registry)/m/latest", ("model", "a"), to: tree)
        add("\(Self.registry)/Bard/latest", ("model", "a"), ("system", "b"), to: tree)
        tree.add("/o/blobs/sha256-\(Self.digest("b"))", text: "You speak in verse.")
        let files = scan(tree).files
        #expect(files.count == 1)
        let defaults = try #require(files.first).nameDefaults
        #expect(defaults["m"] == nil)
        for name in ["bard", "bard:latest", "library/bard:latest"] {
            #expect(defaults[name]?.system == "You speak in verse.", "\(name)")
        }
    }

    @Test func `a blob that is missing, short or on its way is named and hides nothing`() {
        let tree = MemoryTree()
        add("\(Self.registry)/gone/latest", ("model", "a"), to: tree, present: false)
        add("\(Self.registry)/short/latest", ("model", "b"), to: tree)
        tree.add("/o/blobs/sha256-\(Self.digest("b"))", bytes: 5)
        add("\(Self.registry)/whole/latest", ("model", "c"), to: tree)
        tree.add("/o/blobs/sha256-\(Self.digest("e"))-partial")
        tree.add("/o/blobs/sha256-\(Self.digest("e"))-partial-0")
        tree.add("\(Self.registry)/torn/latest", text: #"{"layers": ["#)
        let scan = scan(tree)
        #expect(scan.files.map { $0.names } == [["whole"]])
        let kinds = Dictionary(grouping: scan.problems, by: \.kind).mapValues(\.count)
        #expect(kinds == [.damaged: 2, .unfinished: 2])
        #expect(scan.problems.contains { $0.reason.contains("5 of 1048576 bytes") })
    }

    @Test func `models of other engines and of the cloud are no models here`() {
        let tree = MemoryTree()
        add("\(Self.registry)/cloud/120b-cloud", to: tree)
        add("\(Self.registry)/mlx/latest", ("tensor; name=x", "a"), to: tree)
        add("\(Self.registry)/tuned/latest", ("model", "b"), ("adapter", "c"), to: tree)
        let scan = scan(tree)
        #expect(scan.files.isEmpty)
        #expect(scan.problems.map(\.kind) == [.helper, .helper, .helper])
    }

    @Test func `of a list of manifests the one for llama cpp counts, inline or by its digest`() {
        let tree = MemoryTree()
        let folder = "/o/manifests-v2/registry.ollama.ai/library"
        let layer = """
            {"mediaType": "application/vnd.ollama.image.model",
             "digest": "sha256:\(Self.digest("a"))", "size": 1048576}
            """
        let type = "application/vnd.ollama.manifest.list.v2+json"
        tree.add(
            "\(folder)/inline/latest",
            text: """
                {"mediaType": "\(type)", "manifests": [{"runner": "mlx", "layers": []},
                 {"runner": "ollama", "layers": [\(layer)]}]}
                """
        )
        tree.add(
            "\(folder)/referred/latest",
            text: """
                {"mediaType": "\(type)", "manifests": [
                 {"runner": "llamacpp", "digest": "sha256:\(Self.digest("b"))"}]}
                """
        )
        tree.add(
            "/o/blobs/sha256-\(Self.digest("b"))",
            text: #"{"layers": [\#(layer.replacing(Self.digest("a"), with: Self.digest("c")))]}"#
        )
        tree.add("/o/blobs/sha256-\(Self.digest("a"))")
        tree.add("/o/blobs/sha256-\(Self.digest("c"))")
        // The older form of a name that is in both does not count.
        add("\(Self.registry)/inline/latest", ("model", "d"), to: tree)
        let files = scan(tree).files
        #expect(files.map(\.names) == [["inline"], ["referred"]])
        #expect(files.map(\.path).contains("/o/blobs/sha256-\(Self.digest("a"))"))
    }

    @Test(arguments: ["sha256:../../../etc/passwd", "sha256:abc", "md5:aaaa", ""])
    func `a digest that is none leads nowhere`(digest: String) {
        #expect(OllamaManifest.blobName(digest) == nil)
    }

    @Test func `a store that may not be read is said to be so`() {
        let tree = MemoryTree("/o/blobs/x")
        tree.hide("/o")
        let scan = scan(tree)
        #expect(scan.files.isEmpty)
        #expect(scan.problems.map(\.kind) == [.unreadable])
        #expect(scan.problems.first?.isNoteworthy == false)
    }
}
