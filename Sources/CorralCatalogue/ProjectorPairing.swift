/// Finds the projector that belongs to a model, by name, folder and width.
enum ProjectorPairing {
    /// A file that may be a projector or need one.
    struct File: Hashable {
        var path: String
        var facts: ModelFacts
    }

    /// The path of the projector for `model`; `nil` where none fits.
    ///
    /// One whose name shares the model's words is preferred; one with no words of its own
    /// (`mmproj-F16.gguf`) fits all models of its folder that are as wide as it.
    static func projector(for model: File, among projectors: [File]) -> String? {
        let folder = FolderScan.parent(model.path)
        let words = words(of: model.path)
        let fitting = projectors.filter { projector in
            guard FolderScan.parent(projector.path) == folder else { return false }
            guard let made = projector.facts.embeddingWidth, let taken = model.facts.embeddingWidth
            else { return true }
            return made == taken
        }
        let scored = fitting.compactMap { projector -> (score: Int, path: String)? in
            let own = Self.words(of: projector.path).subtracting(["mmproj", "model", "projector"])
            guard own.isSubset(of: words) else { return nil }
            // The more words agree the better, then the path decides, so that it is always
            // the same one.
            return (-own.count, projector.path)
        }
        return scored.min { $0 < $1 }?.path
    }

    private static func words(of path: String) -> Set<String> {
        let name = ModelName(path: path, under: FolderScan.parent(path))
        let words = name.base.split { "-_. ".contains($0) }.map(String.init)
        return Set(words.filter { !ModelName.isQuantization($0) })
    }
}
