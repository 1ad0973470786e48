/// A place where models are kept: a folder of one's own, or another tool's store.
///
/// Stores are read where they are and never written.
package struct ModelStore: Hashable, Sendable {
    /// The ways in which tools keep models.
    package enum Kind: String, CaseIterable, Sendable {
        /// GGUF files in folders, arranged as one likes.
        case folder
        /// Ollama: manifests that name blobs.
        case ollama
        /// LM Studio: `publisher/repository/file.gguf`.
        case lmStudio = "lm-studio"
        /// llama.cpp's own downloads: `user_repository_file.gguf` and manifests.
        case llamaCpp = "llama.cpp"
        /// The cache of the Hugging Face hub: snapshots of links to blobs.
        case huggingFace = "hugging-face"

        /// The name of the tool, for people.
        package var title: String {
            switch self {
            case .folder: "your folders"
            case .ollama: "Ollama"
            case .lmStudio: "LM Studio"
            case .llamaCpp: "llama.cpp"
            case .huggingFace: "Hugging Face"
            }
        }
    }

    /// The way models are kept there.
    package var kind: Kind

    /// The path of its topmost folder; of ``Kind/folder`` also of a single file.
    package var path: String

    /// Describes a place.
    ///
    /// - Parameters:
    ///   - kind: The way models are kept there.
    ///   - path: The path of its topmost folder.
    package init(_ kind: Kind, at path: String) {
        self.kind = kind
        self.path = path
    }
}

extension ModelStore {
    /// The places where other tools keep their models.
    ///
    /// The places are those of Ollama (`OLLAMA_MODELS`, else the user's and the service's
    /// folder), LM Studio (its folder and that of versions before 0.3.6), llama.cpp (`LLAMA_CACHE`)
    /// and huggingface_hub (`HF_HUB_CACHE`, `HF_HOME`), in the order each tool looks itself.
    ///
    /// - Parameters:
    ///   - kinds: Which tools; their order is the result's.
    ///   - variables: The variables of the environment.
    ///   - home: The user's own folder.
    ///   - isDarwin: Whether this is macOS, where caches are elsewhere.
    /// - Returns: Places that may not be there.
    package static func defaults(
        _ kinds: [Kind],
        variables: [String: String],
        home: String,
        isDarwin: Bool
    ) -> [ModelStore] {
        func variable(_ name: String) -> String? {
            guard let value = variables[name], !value.isEmpty else { return nil }
            guard value == "~" || value.hasPrefix("~/") else { return value }
            return home + value.dropFirst()
        }
        let caches = variable("XDG_CACHE_HOME") ?? "\(home)/.cache"
        return kinds.flatMap { kind -> [ModelStore] in
            let paths: [String] =
                switch kind {
                case .folder: []
                case .ollama:
                    variable("OLLAMA_MODELS").map { [$0] }
                        ?? ["\(home)/.ollama/models", "/usr/share/ollama/.ollama/models"]
                case .lmStudio: ["\(home)/.lmstudio/models", "\(home)/.cache/lm-studio/models"]
                case .llamaCpp:
                    [
                        variable("LLAMA_CACHE")
                            ?? (isDarwin
                                ? "\(home)/Library/Caches/llama.cpp" : "\(caches)/llama.cpp")
                    ]
                case .huggingFace:
                    [
                        variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE")
                            ?? variable("HF_HOME").map { "\($0)/hub" }
                            ?? "\(caches)/huggingface/hub"
                    ]
                }
            return paths.map { ModelStore(kind, at: $0) }
        }
    }
}
