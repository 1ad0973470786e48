internal import CorralGGUF

/// The models in a cache of the Hugging Face hub: `models--org--name/snapshots/REVISION/…`, links
/// to blobs, and `refs/main`, which says the revision that counts.
///
/// The layout is documented at huggingface.co/docs/hub/local-cache; llama.cpp keeps what `-hf`
/// fetches in the same form.
struct HubScan {
    private(set) var files: [FoundFile] = []
    private(set) var problems: [UnusableFile] = []

    private let root: String
    private let store: ModelStore.Kind

    /// Reads a cache.
    ///
    /// - Parameters:
    ///   - root: The folder of `models--…`.
    ///   - tree: Where it is.
    ///   - store: Whose cache it is.
    init(_ root: String, in tree: some FolderTree, store: ModelStore.Kind = .huggingFace) {
        self.root = root
        self.store = store
        do throws(CatalogueError) {
            for name in try tree.names(in: root).sorted() {
                if let repository = Self.repository(name) {
                    read(FolderScan.join(root, name), repository, tree)
                }
            }
        } catch {
            problems.append(
                UnusableFile(path: root, reason: error.message, kind: .unreadable, store: store)
            )
        }
    }

    /// `org/name` of a folder called `models--org--name`; `nil` for any other.
    static func repository(_ folder: String) -> String? {
        guard folder.hasPrefix("models--"), folder.count > 8 else { return nil }
        return String(folder.dropFirst(8)).replacing("--", with: "/", maxReplacements: 1)
    }

    private mutating func read(
        _ folder: String,
        _ repository: String,
        _ tree: some FolderTree
    ) {
        guard let snapshot = snapshot(of: folder, tree) else { return }
        let scan = FolderScan([snapshot], in: tree, store: store)
        let label = FolderScan.join(root, repository)
        var found = scan.files.map { file in
            var file = file
            file.root = root
            file.label = label + file.path.dropFirst(snapshot.count)
            file.scope = label
            return file
        }
        Self.name(&found, of: repository)
        files += found
        problems += scan.problems
        guard
            !scan.files.isEmpty || !scan.problems.isEmpty
                || repository.lowercased().contains("gguf")
        else { return }
        let blobs = "\(folder)/blobs"
        for name in (try? tree.names(in: blobs).sorted()) ?? [] {
            let marks = [".incomplete", ".downloadInProgress", ".part"]
            guard marks.contains(where: { name.hasSuffix($0) }) else { continue }
            let reason =
                "\(blobs)/\(name) is a download of \(repository) that has not finished; fetch it again."
            problems.append(
                UnusableFile(
                    path: "\(blobs)/\(name)",
                    reason: reason,
                    kind: .unfinished,
                    store: store
                )
            )
        }
    }

    /// The folder of the revision that counts: what `refs/main` says, else another reference,
    /// else the last there is.
    private func snapshot(of folder: String, _ tree: some FolderTree) -> String? {
        let snapshots = "\(folder)/snapshots"
        guard case .folder = tree.item(at: snapshots) else { return nil }
        let references = (try? tree.names(in: "\(folder)/refs").sorted()) ?? []
        let ordered = references.filter { $0 == "main" } + references.filter { $0 != "main" }
        let named = ordered.lazy.compactMap { reference -> String? in
            guard let text = try? tree.text(at: "\(folder)/refs/\(reference)", limit: 4096) else {
                return nil
            }
            let revision = text.filter { !$0.isWhitespace }
            guard !revision.isEmpty, revision.allSatisfy({ $0.isHexDigit }) else { return nil }
            let path = "\(snapshots)/\(revision)"
            guard case .folder = tree.item(at: path) else { return nil }
            return path
        }
        if let path = named.first { return path }
        let revisions = (try? tree.names(in: snapshots).sorted()) ?? []
        return revisions.last { !$0.hasPrefix(".") }.map { "\(snapshots)/\($0)" }
    }

    /// Gives files the names llama.cpp has for them: `org/name:QUANT`, and `org/name` for the one
    /// it takes where none is named (Q4_K_M, else Q8_0, else the first).
    static func name(_ files: inout [FoundFile], of repository: String) {
        var preferred: Int?
        var rank = Int.max
        for index in files.indices {
            let name = ModelName(path: files[index].label, under: files[index].root)
            guard !name.isProjector else { continue }
            if let quantization = name.quantization {
                files[index].aliases.append("\(repository):\(quantization)")
            }
            let order = ["q4_k_m", "q8_0"].firstIndex(of: name.quantization ?? "") ?? 2
            if order < rank { (preferred, rank) = (index, order) }
        }
        if let preferred { files[preferred].aliases.append(repository) }
    }
}
