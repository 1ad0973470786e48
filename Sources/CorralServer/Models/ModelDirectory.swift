public import CorralCache

/// What models there are and what people call them.
public protocol ModelDirectory: Sendable {
    /// The models that may be asked for at this moment.
    ///
    /// Every request looks at them, on the event loop that carries other clients' tokens: it must
    /// be a value that was made before, and no file may be read for it.
    var models: ServedModels { get }

    /// Looks for models again, because one was asked for that is not among ``models``.
    ///
    /// It may read files, and runs where that holds up nobody else. Unless implemented, it is
    /// ``models``.
    func refreshed() async -> ServedModels
}

extension ModelDirectory {
    /// The models as they are known already.
    public func refreshed() async -> ServedModels { models }
}

/// A directory whose models do not change.
public struct ModelList: ModelDirectory {
    /// The models.
    public let models: ServedModels

    /// Creates a directory.
    ///
    /// - Parameter entries: The models, in the order they are listed in.
    public init(_ entries: [ServedEntry]) { models = ServedModels(entries) }
}

/// One model in one role, under the name people call it by.
public struct ServedEntry: Hashable, Sendable {
    /// The name it is listed under.
    public var name: String

    /// Other names it answers to.
    public var aliases: [String]

    /// The model: path, role, profile.
    ///
    /// It answers to the path too.
    public var id: ModelID

    /// Other paths of its file that it answers to; no client is told of any.
    public var otherPaths: [String]

    /// How long it may stay idle where a request does not say.
    public var keepAlive: KeepAlive?

    /// Whether it is pinned when the service starts.
    public var isPinned: Bool

    /// The tokens of context it was trained for, where known.
    public var contextTokens: Int?

    /// When its file was last changed, in seconds since 1970, where known.
    public var created: Int?

    /// What else is known of it.
    public var facts: ServedFacts

    /// Creates an entry.
    public init(
        name: String,
        aliases: [String] = [],
        id: ModelID,
        otherPaths: [String] = [],
        keepAlive: KeepAlive? = nil,
        isPinned: Bool = false,
        contextTokens: Int? = nil,
        created: Int? = nil,
        facts: ServedFacts = ServedFacts()
    ) {
        self.name = name
        self.aliases = aliases
        self.id = id
        self.otherPaths = otherPaths
        self.keepAlive = keepAlive
        self.isPinned = isPinned
        self.contextTokens = contextTokens
        self.created = created
        self.facts = facts
    }
}
