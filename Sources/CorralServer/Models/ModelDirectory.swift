public import CorralCache

/// What models there are and what people call them.
///
/// Ask for ``entries`` on every request: a directory may change while it is used.
public protocol ModelDirectory<Options>: Sendable {
    /// What the engine loads a model with.
    associatedtype Options: Hashable & Sendable

    /// Every model that may be asked for, in the order it is listed in. A file
    /// that serves in two roles has two entries, which may share a name.
    var entries: [ServedEntry<Options>] { get }

    /// Finds the model that a client names.
    ///
    /// - Parameters:
    ///   - name: The name as the client wrote it.
    ///   - role: The role it must play, or `nil` where any will do.
    /// - Returns: The model, or why there is none.
    func resolve(_ name: String, role: ModelRole?) -> ModelResolution<Options>
}

/// One model in one role, under the name people call it by.
public struct ServedEntry<Options: Hashable & Sendable>: Hashable, Sendable {
    /// The name it is listed under.
    public var name: String

    /// Other names it answers to.
    public var aliases: [String]

    /// The model: path, role, profile.
    public var id: ModelID

    /// What to load it with; the engine's default when `nil`.
    public var options: Options?

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
        options: Options? = nil,
        keepAlive: KeepAlive? = nil,
        isPinned: Bool = false,
        contextTokens: Int? = nil,
        created: Int? = nil,
        facts: ServedFacts = ServedFacts()
    ) {
        self.name = name
        self.aliases = aliases
        self.id = id
        self.options = options
        self.keepAlive = keepAlive
        self.isPinned = isPinned
        self.contextTokens = contextTokens
        self.created = created
        self.facts = facts
    }

    /// Whether it is called `name`, letter for letter or but for their case.
    func isCalled(_ name: String, exactly: Bool) -> Bool {
        if exactly { return self.name == name || aliases.contains(name) }
        let lowered = name.lowercased()
        return self.name.lowercased() == lowered
            || aliases.contains { $0.lowercased() == lowered }
    }
}

/// What became of a search for a model by name.
public enum ModelResolution<Options: Hashable & Sendable>: Hashable, Sendable {
    /// It is this one.
    case found(ServedEntry<Options>)
    /// Nothing is called so; these names come nearest, the nearest first.
    case unknown(nearest: [String])
    /// It exists and does not play the role: a sentence that says which it plays.
    case wrongRole(String)
}

extension ModelDirectory {
    /// Finds an entry called `name`, letter for letter before ignoring case.
    public func resolve(_ name: String, role: ModelRole?) -> ModelResolution<Options> {
        let entries = entries
        var called = entries.filter { $0.isCalled(name, exactly: true) }
        if called.isEmpty { called = entries.filter { $0.isCalled(name, exactly: false) } }
        if let entry = called.filter({ role == nil || $0.id.role == role })
            .min(by: { $0.id < $1.id })
        {
            return .found(entry)
        }
        guard let role, let other = called.first else {
            let inRole = entries.filter { role == nil || $0.id.role == role }
            return .unknown(nearest: NearestNames.nearest(to: name, among: inRole.map(\.name)))
        }
        let roles = called.map(\.id.role).sorted().map(\.description)
        return .wrongRole(
            "The model '\(other.name)' is served for \(roles.joined(separator: " and ")), "
                + "and this request needs a model served for \(role)."
        )
    }
}

/// A directory that holds what it was given.
public struct ModelList<Options: Hashable & Sendable>: ModelDirectory {
    /// The entries.
    public var entries: [ServedEntry<Options>]

    /// Creates a directory of `entries`.
    public init(_ entries: [ServedEntry<Options>]) {
        self.entries = entries
    }
}
