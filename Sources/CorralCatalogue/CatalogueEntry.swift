public import CorralCache
public import CorralMemory

/// A model as people call it, and where it is.
public struct CatalogueEntry: Hashable, Sendable {
    /// The name it is listed under; no other model has it.
    public var name: String

    /// Other names it answers to, in lower case, unless another model has them too.
    public var aliases: [String]

    /// The path of its file, or of the first part.
    public var path: String

    /// The folder of the search it was found under.
    public var folder: String

    /// What its header says.
    public var facts: ModelFacts

    /// The bytes of its files.
    public var fileBytes: ByteCount

    /// The number of its files.
    public var parts: Int

    /// When its file was last changed, in seconds since 1970.
    public var modified: Int64

    /// The file that lets it see or hear, where one is beside it.
    public var projector: String?

    /// What a person set for it.
    public var overrides: ModelOverrides

    /// What it is for: as set, or as its header suggests.
    public var role: ModelRole { overrides.role ?? facts.role }

    /// What it can be used for: a model that generates also makes embeddings.
    public var roles: [ModelRole] { role == .chat ? [.chat, .embed] : [role] }

    /// The model in one role.
    ///
    /// - Parameter role: What it is wanted for; what it is for when `nil`.
    /// - Returns: The file in that role.
    /// - Throws: ``CatalogueError/Code/wrongRole``.
    public func model(_ role: ModelRole? = nil) throws(CatalogueError) -> ModelID {
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
