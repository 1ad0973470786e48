internal import CorralCache
internal import CorralGGUF
internal import CorralMemory

extension CatalogueListing {
    /// Makes a listing of what a search found and the headers say.
    ///
    /// - Parameters:
    ///   - files: The files that were found, each with what its header says or why it cannot be
    ///     read.
    ///   - problems: What else was found.
    ///   - overrides: What a person set, by any name of a model.
    ///   - folders: The folders that were searched.
    init(
        files: [(file: FolderScan.Found, header: Result<ModelFacts, any Error>)],
        problems: [UnusableFile] = [],
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        folders: [String] = []
    ) {
        var unusable = problems
        var projectors: [ProjectorPairing.File] = []
        var models: [(file: FolderScan.Found, facts: ModelFacts)] = []
        for (file, header) in files {
            switch header {
            case .failure(let error):
                unusable.append(UnusableFile(path: file.path, reason: "\(error)"))
            case .success(let facts):
                switch facts.kind {
                case .model: models.append((file, facts))
                case .projector:
                    projectors.append(ProjectorPairing.File(path: file.path, facts: facts))
                case .helper(let what):
                    let reason = "\(file.path) is \(what), not a model by itself."
                    unusable.append(
                        UnusableFile(path: file.path, reason: reason, isHelper: true)
                    )
                }
            }
        }
        let assigned = NameAssignment(models.map { ($0.file.path, $0.file.folder) })
        let entries = models.indices.map { index in
            let name = assigned.names[index]
            return CatalogueEntry(
                models[index].file,
                models[index].facts,
                name: name,
                aliases: assigned.aliases[index].filter { $0 != name },
                projectors: projectors
            )
        }
        let paired = Set(entries.compactMap(\.projector))
        for projector in projectors where !paired.contains(projector.path) {
            let reason = "\(projector.path) is a projector without a model of its name beside it."
            unusable.append(UnusableFile(path: projector.path, reason: reason, isHelper: true))
        }
        self.init(entries: entries, unusable: unusable, overrides: overrides, folders: folders)
    }
}

extension CatalogueEntry {
    fileprivate init(
        _ file: FolderScan.Found,
        _ facts: ModelFacts,
        name: String,
        aliases: [String],
        projectors: [ProjectorPairing.File]
    ) {
        let own = ProjectorPairing.File(path: file.path, facts: facts)
        let projector =
            facts.role == .chat ? ProjectorPairing.projector(for: own, among: projectors) : nil
        self.init(
            name: name,
            aliases: aliases,
            path: file.path,
            folder: file.folder,
            facts: facts,
            fileBytes: file.identities.reduce(.zero) { $0 + ByteCount(clamping: $1.byteCount) },
            parts: file.identities.count,
            modified: file.identities.map(\.modifiedSeconds).max() ?? 0,
            projector: projector,
            overrides: ModelOverrides()
        )
    }
}
