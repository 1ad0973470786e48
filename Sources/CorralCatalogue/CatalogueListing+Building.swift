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
    ///   - stores: Where was searched.
    init(
        files: [(file: FoundFile, header: Result<ModelFacts, any Error>)],
        problems: [UnusableFile] = [],
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        stores: [ModelStore] = []
    ) {
        var unusable = problems
        var projectors: [ProjectorPairing.File] = []
        var models: [(file: FoundFile, facts: ModelFacts)] = []
        func note(_ file: FoundFile, _ reason: String, _ kind: UnusableFile.Kind) {
            unusable.append(
                UnusableFile(path: file.path, reason: reason, kind: kind, store: file.store)
            )
        }
        for (file, header) in files {
            switch header {
            case .failure(let error): note(file, "\(error)", UnusableFile.Kind(error))
            case .success(let facts):
                switch facts.kind {
                case .model where file.isProjector:
                    note(file, "\(file.path) should be a projector and is none.", .damaged)
                case .model: models.append((file, facts))
                case .projector: projectors.append(ProjectorPairing.File(file, facts))
                case .helper(let what):
                    note(file, "\(file.path) is \(what), not a model by itself.", .helper)
                }
            }
        }
        let assigned = NameAssignment(models.map(\.file))
        let entries = models.indices.map { index in
            let name = assigned.names[index]
            let shortest = NameCandidates(models[index].file).ordered[0]
            return CatalogueEntry(
                models[index].file,
                models[index].facts,
                name: name,
                aliases: assigned.aliases[index].filter { $0 != name },
                shorterName: shortest == name ? nil : shortest,
                projectors: projectors
            )
        }
        let paired = Set(entries.compactMap(\.projector))
        for projector in projectors where !paired.contains(projector.path) {
            unusable.append(
                UnusableFile(
                    path: projector.path,
                    reason:
                        "\(projector.path) is a projector without a model of its name beside it.",
                    kind: .helper,
                    store: projector.store
                )
            )
        }
        self.init(entries: entries, unusable: unusable, overrides: overrides, stores: stores)
    }
}

extension UnusableFile.Kind {
    /// The kind of file that an error of reading a header points to: a file that ends before its
    /// header says may still be on its way.
    init(_ error: any Error) {
        let short: [GGUFError.Code] = [.truncated, .tensorOutsideFile, .fileChanged]
        switch (error as? GGUFError)?.code {
        case .unreadable: self = .unreadable
        case let code? where short.contains(code): self = .unfinished
        default: self = .damaged
        }
    }
}

extension CatalogueEntry {
    fileprivate init(
        _ file: FoundFile,
        _ facts: ModelFacts,
        name: String,
        aliases: [String],
        shorterName: String?,
        projectors: [ProjectorPairing.File]
    ) {
        var projector: ProjectorPairing.File?
        if facts.role == .chat {
            // A projector that the store names goes before one whose name is alike.
            projector =
                file.projector.flatMap { path in projectors.first { $0.path == path } }
                ?? ProjectorPairing.projector(
                    for: ProjectorPairing.File(file, facts),
                    among: projectors
                )
        }
        self.init(
            name: name,
            aliases: aliases,
            path: file.path,
            folder: file.root,
            store: file.store,
            places: file.places,
            shorterName: shorterName,
            facts: facts,
            fileBytes: file.bytes,
            parts: file.identities.count,
            modified: file.identities.map(\.modifiedSeconds).max() ?? 0,
            projector: projector?.path,
            projectorBytes: projector?.bytes ?? .zero,
            defaults: file.defaults,
            nameDefaults: file.nameDefaults,
            overrides: ModelOverrides()
        )
    }
}

extension FoundFile {
    /// The bytes of all parts.
    var bytes: ByteCount {
        identities.reduce(.zero) { $0 + ByteCount(clamping: $1.byteCount) }
    }
}
