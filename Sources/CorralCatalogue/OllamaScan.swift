internal import CorralGGUF

/// The models of an Ollama store: manifests by name, blobs by digest.
struct OllamaScan {
    private(set) var files: [FoundFile] = []
    private(set) var problems: [UnusableFile] = []

    private let root: String
    private var seen: Set<String> = []

    /// Reads a store.
    ///
    /// - Parameters:
    ///   - root: The folder that `OLLAMA_MODELS` names, which holds `manifests` and `blobs`.
    ///   - tree: Where it is.
    init(_ root: String, in tree: some FolderTree) {
        self.root = root
        // A name that is in both counts as it is in the newer form.
        for folder in ["manifests-v2", "manifests"] {
            let top = FolderScan.join(root, folder)
            for host in names(in: top, tree) {
                for namespace in names(in: "\(top)/\(host)", tree) {
                    for model in names(in: "\(top)/\(host)/\(namespace)", tree) {
                        let folder = "\(top)/\(host)/\(namespace)/\(model)"
                        for tag in names(in: folder, tree) {
                            let name = OllamaName(
                                host: host,
                                namespace: namespace,
                                model: model,
                                tag: tag
                            )
                            read("\(folder)/\(tag)", as: name, tree)
                        }
                    }
                }
            }
        }
        for name in names(in: blobs, tree) where name.hasSuffix("-partial") {
            note("\(blobs)/\(name)", UnusableFile.unfinishedReason("\(blobs)/\(name)"), .unfinished)
        }
    }

    private var blobs: String { FolderScan.join(root, "blobs") }

    private mutating func note(_ path: String, _ reason: String, _ kind: UnusableFile.Kind) {
        problems.append(UnusableFile(path: path, reason: reason, kind: kind, store: .ollama))
    }

    private mutating func names(in folder: String, _ tree: some FolderTree) -> [String] {
        switch tree.item(at: folder) {
        case .folder: break
        case .denied:
            note(folder, UnusableFile.deniedReason(folder), .unreadable)
            return []
        default: return []
        }
        do throws(CatalogueError) {
            return try tree.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            note(folder, error.message, .unreadable)
            return []
        }
    }

    private mutating func read(_ path: String, as name: OllamaName, _ tree: some FolderTree) {
        guard case .file = tree.item(at: path) else {
            // A dangling entry of the newer form hides nothing: the older one is looked at too.
            return
        }
        guard seen.insert(name.full.lowercased()).inserted else { return }
        let manifest: OllamaManifest?
        do {
            manifest = try resolved(
                OllamaManifest(json: tree.text(at: path, limit: OllamaManifest.limit)),
                tree
            )
        } catch {
            note(
                path,
                "\(path), the manifest of \(name.short) in Ollama, cannot be read; `ollama pull \(name.short)` writes it again.",
                .damaged
            )
            return
        }
        guard let manifest, let weights = manifest.layers("model").first else {
            let reason =
                "\(name.short) in Ollama has no GGUF weights here: it runs elsewhere, or in another engine."
            return note(path, reason, .helper)
        }
        guard manifest.layers("model").count == 1, manifest.layers("adapter").isEmpty else {
            let reason =
                "\(name.short) in Ollama is a model with an adapter or in several pieces, which only Ollama can put together."
            return note(path, reason, .helper)
        }
        guard let model = blob(weights, of: name, tree) else { return }
        let projector = manifest.layers("projector").first.flatMap { blob($0, of: name, tree) }
        if let projector {
            // In a folder of its own, so that it is paired with none but those that name it.
            let label = "\(root)/.projectors/\(FolderScan.name(projector.path))"
            files.append(
                FoundFile(
                    path: projector.path,
                    root: root,
                    store: .ollama,
                    identities: [projector.identity],
                    label: label,
                    scope: "",
                    isProjector: true
                )
            )
        }
        let parameters = text(of: manifest.layers("params").first, tree)
        var nameDefaults = parameters.map { OllamaParameters.nameDefaults(json: $0) }
        if let system = text(of: manifest.layers("system").first, tree), !system.isEmpty {
            nameDefaults = nameDefaults ?? NameDefaults()
            nameDefaults?.system = system
        }
        files.append(
            FoundFile(
                path: model.path,
                root: root,
                store: .ollama,
                identities: [model.identity],
                label: FolderScan.join(root, name.short),
                names: [name.short],
                aliases: name.spellings,
                scope: "",
                projector: projector?.path,
                defaults: parameters.map { OllamaParameters.defaults(json: $0) }
                    ?? ModelOverrides(),
                nameDefaults: nameDefaults.map { defaults in
                    let names = name.spellings.map { ($0.lowercased(), defaults) }
                    return Dictionary(names, uniquingKeysWith: { first, _ in first })
                } ?? [:]
            )
        )
    }

    /// The text of a blob; `nil` where there is none that can be read.
    private func text(of layer: OllamaManifest.Layer?, _ tree: some FolderTree) -> String? {
        guard let file = layer.flatMap({ OllamaManifest.blobName($0.digest) }) else { return nil }
        return try? tree.text(at: "\(blobs)/\(file)", limit: OllamaManifest.limit)
    }

    /// The manifest for llama.cpp, where `manifest` is a list.
    private func resolved(
        _ manifest: OllamaManifest,
        _ tree: some FolderTree
    ) throws -> OllamaManifest? {
        guard let chosen = manifest.forLlamaCpp else { return nil }
        guard chosen.layers == nil, let file = chosen.digest.flatMap(OllamaManifest.blobName) else {
            return chosen
        }
        return try OllamaManifest(
            json: tree.text(at: "\(blobs)/\(file)", limit: OllamaManifest.limit)
        )
    }

    private mutating func blob(
        _ layer: OllamaManifest.Layer,
        of name: OllamaName,
        _ tree: some FolderTree
    ) -> (path: String, identity: GGUFFileIdentity)? {
        guard let file = OllamaManifest.blobName(layer.digest) else {
            note(blobs, "\(name.short) in Ollama names a blob that is none.", .damaged)
            return nil
        }
        let path = "\(blobs)/\(file)"
        switch tree.item(at: path) {
        case .file(let identity) where identity.byteCount == layer.size: return (path, identity)
        case .denied: note(path, UnusableFile.deniedReason(path), .unreadable)
        case .file(let identity):
            note(
                path,
                "\(path), a blob of \(name.short) in Ollama, has \(identity.byteCount) of \(layer.size) bytes; `ollama pull \(name.short)` fetches the rest.",
                .unfinished
            )
        default:
            note(
                path,
                "\(path), a blob of \(name.short) in Ollama, is not there; `ollama pull \(name.short)` fetches it.",
                .damaged
            )
        }
        return nil
    }
}
