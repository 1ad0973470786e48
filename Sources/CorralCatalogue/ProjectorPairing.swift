internal import CorralMemory

/// Finds the projector that belongs to a model, by name, folder and width.
enum ProjectorPairing {
    /// A file that may be a projector or need one.
    struct File: Hashable {
        /// The path of the file.
        var path: String
        /// Its path as its users know it; see ``FoundFile/label``.
        var label: String
        /// The folder of what belongs together; see ``FoundFile/scope``.
        var scope: String
        var facts: ModelFacts
        var bytes = ByteCount.zero
        var store = ModelStore.Kind.folder
    }

    /// The projector for `model`; `nil` where none fits.
    ///
    /// A projector whose name shares the model's words is preferred; one with no words of its own
    /// (`mmproj-F16.gguf`) fits all models of its folder that are as wide as it. In a repository
    /// it may also lie in a folder above the model's.
    static func projector(for model: File, among projectors: [File]) -> File? {
        let folder = FolderScan.parent(model.label)
        let words = words(of: model.label)
        let scored = projectors.compactMap { projector -> (rank: [Int], file: File)? in
            let place = FolderScan.parent(projector.label)
            let isBeside = place == folder
            guard
                isBeside
                    || (projector.scope == model.scope && !model.scope.isEmpty
                        && folder.hasPrefix(place + "/") && (place + "/").hasPrefix(model.scope))
            else { return nil }
            if let made = projector.facts.embeddingWidth, let taken = model.facts.embeddingWidth,
                made != taken
            {
                return nil
            }
            let own = Self.words(of: projector.label)
                .subtracting(["mmproj", "model", "projector", "gguf"])
            guard own.isSubset(of: words) else { return nil }
            // The nearer the folder and the more words agree the better.
            return ([-place.count, -own.count], projector)
        }
        // Then the path decides, so that it is always the same one.
        return scored.min {
            ($0.rank[0], $0.rank[1], $0.file.path) < ($1.rank[0], $1.rank[1], $1.file.path)
        }?.file
    }

    private static func words(of path: String) -> Set<String> {
        let name = ModelName(path: path, under: FolderScan.parent(path))
        let words = name.base.split { "-_. ".contains($0) }.map(String.init)
        return Set(words.filter { !ModelName.isQuantization($0) })
    }
}

extension ProjectorPairing.File {
    init(_ file: FoundFile, _ facts: ModelFacts) {
        self.init(
            path: file.path,
            label: file.label,
            scope: file.scope,
            facts: facts,
            bytes: file.bytes,
            store: file.store
        )
    }
}
