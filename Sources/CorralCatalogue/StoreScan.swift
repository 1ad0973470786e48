internal import CorralGGUF

/// The models in all stores, each file once.
struct StoreScan {
    /// The files that were found, store by store in the order given.
    private(set) var files: [FoundFile] = []

    /// The files and folders that look like models or stores and are none.
    private(set) var problems: [UnusableFile] = []

    /// Searches stores.
    ///
    /// A file that is reached in two of them, by a link or under a second name, is found once, in
    /// the first, and keeps the names it has in the others.
    init(_ stores: [ModelStore], in tree: some FolderTree) {
        var known: [GGUFFileIdentity: Int] = [:]
        for store in stores {
            let (found, problems) = Self.search(store, tree)
            self.problems += problems
            for file in found {
                guard let identity = file.identities.first else { continue }
                guard let index = known[identity] else {
                    known[identity] = files.count
                    files.append(file)
                    continue
                }
                merge(file, into: index)
            }
        }
        // The same problem may be met by two ways into one store.
        var seen: Set<String> = []
        problems = problems.filter { seen.insert($0.path + $0.reason).inserted }
    }

    private mutating func merge(_ other: FoundFile, into index: Int) {
        guard files[index].path != other.path || files[index].names != other.names else { return }
        files[index].aliases += other.names + other.aliases
        if other.names.isEmpty { files[index].aliases += NameCandidates(other).aliases }
        if files[index].path != other.path {
            files[index].places.append(ModelPlace(store: other.store, path: other.path))
        }
        files[index].projector = files[index].projector ?? other.projector
        files[index].defaults = other.defaults.overridden(by: files[index].defaults)
        files[index].nameDefaults.merge(other.nameDefaults) { mine, _ in mine }
        // Of two names one store has for a file, the shorter is the name.
        if files[index].store == other.store, !other.names.isEmpty {
            files[index].names = (files[index].names + other.names)
                .sorted { ($0.count, $0) < ($1.count, $1) }
        }
    }

    private static func search(
        _ store: ModelStore,
        _ tree: some FolderTree
    ) -> ([FoundFile], [UnusableFile]) {
        let kind = store.kind == .folder ? Self.kind(of: store.path, tree) : store.kind
        if store.kind != .folder {
            switch tree.item(at: store.path) {
            case .folder: break
            case .denied:
                let reason = UnusableFile.deniedReason(store.path)
                return (
                    [],
                    [
                        UnusableFile(
                            path: store.path,
                            reason: reason,
                            kind: .unreadable,
                            store: kind
                        )
                    ]
                )
            // A tool that is not installed has no store.
            default: return ([], [])
            }
        }
        switch kind {
        case .folder:
            let scan = FolderScan([store.path], in: tree)
            return (scan.files, scan.problems)
        case .ollama:
            let scan = OllamaScan(store.path, in: tree)
            return (scan.files, scan.problems)
        case .lmStudio:
            let scan = FolderScan([store.path], in: tree, store: .lmStudio)
            return (scan.files.map(published), scan.problems)
        case .llamaCpp:
            let scan = LlamaCacheScan(store.path, in: tree)
            return (scan.files, scan.problems)
        case .huggingFace:
            let scan = HubScan(store.path, in: tree)
            return (scan.files, scan.problems)
        }
    }

    /// The kind of store in a folder that a person named: it may be another tool's store.
    private static func kind(of folder: String, _ tree: some FolderTree) -> ModelStore.Kind {
        let path = { FolderScan.join(folder, $0) }
        if case .folder = tree.item(at: path("blobs")),
            case .folder = tree.item(at: path("manifests"))
        {
            return .ollama
        }
        guard case .folder = tree.item(at: folder) else { return .folder }
        let names = (try? tree.names(in: folder)) ?? []
        return names.contains { HubScan.repository($0) != nil } ? .huggingFace : .folder
    }

    /// Gives a file of LM Studio's the names it has there: `publisher/repository`, with
    /// `@quantization` where that has to be said.
    private static func published(_ file: FoundFile) -> FoundFile {
        var file = file
        let inside = file.path.dropFirst(file.root.count).split(separator: "/")
        guard inside.count >= 3 else { return file }
        let repository = "\(inside[0])/\(inside[1])"
        file.scope = FolderScan.join(file.root, repository)
        let short = String(inside[1]).replacingGGUFEnding
        let name = ModelName(path: file.label, under: file.root)
        for alias in [repository, short] {
            file.aliases.append(alias)
            if let quantization = name.quantization {
                file.aliases.append("\(alias)@\(quantization)")
            }
        }
        return file
    }
}

extension String {
    /// The text without `-GGUF` at its end, in any case.
    var replacingGGUFEnding: String { lowercased().hasSuffix("-gguf") ? String(dropLast(5)) : self }
}
