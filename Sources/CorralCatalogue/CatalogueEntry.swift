package import CorralCache
package import CorralMemory

/// A model as people call it, and where it is.
package struct CatalogueEntry: Hashable, Sendable {
    /// The name it is listed under; no other model has it.
    package var name: String

    /// Other names it answers to, in lower case, unless another model has them too.
    package var aliases: [String]

    /// The path of its file, or of the first part.
    package var path: String

    /// The folder of the search it was found under.
    package var folder: String

    /// The kind of store the model was found in.
    package var store: ModelStore.Kind

    /// Other places its file can be reached at.
    package var places: [ModelPlace]

    /// The shorter name it would have, were there no other model of that name; see
    /// ``CatalogueListing/holders(of:)``.
    package var shorterName: String?

    /// The facts from the header of its file.
    package var facts: ModelFacts

    /// The bytes of its files.
    package var fileBytes: ByteCount

    /// The number of its files.
    package var parts: Int

    /// When its file was last changed, in seconds since 1970.
    package var modified: Int64

    /// The file that lets it see or hear, where one belongs to it.
    package var projector: String?

    /// The bytes of ``projector``.
    package var projectorBytes: ByteCount

    /// The settings that its store brings along, which count where a person sets nothing.
    package var defaults: ModelOverrides

    /// The defaults that go with single names of the model; the keys are in lower case.
    package var nameDefaults: [String: NameDefaults]

    /// The settings that a person made for it.
    package var overrides: ModelOverrides

    /// The role the model is for: as a person set it, or as its header suggests.
    package var role: ModelRole { overrides.role ?? facts.role }

    /// The roles the model can play: one that generates text also makes embeddings.
    package var roles: [ModelRole] { role == .chat ? [.chat, .embed] : [role] }

    /// The model in one role.
    ///
    /// - Parameter role: What it is wanted for; what it is for when `nil`.
    /// - Returns: The file in that role.
    /// - Throws: ``CatalogueError/Code/wrongRole``.
    package func model(_ role: ModelRole? = nil) throws(CatalogueError) -> ModelID {
        let wanted = role ?? self.role
        guard roles.contains(wanted) else {
            throw CatalogueError(
                .wrongRole,
                subject: name,
                "\(name) is \(Self.noun(self.role)) and cannot \(Self.verb(wanted)); name \(Self.noun(wanted)), or set its role in the configuration."
            )
        }
        return ModelID(path: path, role: wanted)
    }

    private static func noun(_ role: ModelRole) -> String {
        switch role {
        case .chat: "a chat model"
        case .embed: "an embedding model"
        case .rerank: "a reranker"
        }
    }

    private static func verb(_ role: ModelRole) -> String {
        switch role {
        case .chat: "generate text"
        case .embed: "make embeddings"
        case .rerank: "rerank"
        }
    }
}

/// The defaults that go with one name of a model, as a Modelfile of Ollama has them: one file may
/// have several names, each with a system message of its own.
package struct NameDefaults: Hashable, Sendable {
    /// The message of the system in a conversation that has none (`SYSTEM`).
    package var system: String?

    /// The tokens of context that are wanted where a request does not say (`PARAMETER num_ctx`).
    package var contextTokens: Int?

    /// The texts that end an answer where a request does not say (`PARAMETER stop`).
    package var stops: [String] = []
}
