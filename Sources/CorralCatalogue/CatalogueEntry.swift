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

    /// Whose way of keeping models it was found by.
    public var store: ModelStore.Kind

    /// Other places its file can be reached at.
    public var places: [ModelPlace]

    /// The shorter name it would have, were there no other model of that name; see
    /// ``CatalogueListing/holders(of:)``.
    public var shorterName: String?

    /// What its header says.
    public var facts: ModelFacts

    /// The bytes of its files.
    public var fileBytes: ByteCount

    /// The number of its files.
    public var parts: Int

    /// When its file was last changed, in seconds since 1970.
    public var modified: Int64

    /// The file that lets it see or hear, where one belongs to it.
    public var projector: String?

    /// The bytes of ``projector``.
    public var projectorBytes: ByteCount

    /// What the store it comes from sets for it, where a person says nothing.
    public var defaults: ModelOverrides

    /// What goes with some of its names, in lower case.
    public var nameDefaults: [String: NameDefaults]

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
