/// A file or folder that was found but gives no model, and why.
public struct UnusableFile: Hashable, Sendable {
    /// What kind of thing it is.
    public enum Kind: String, Sendable {
        /// It should be a model, and something is wrong with it.
        case damaged
        /// It is still being fetched or written, or a download of it was broken off.
        case unfinished
        /// It is no model by itself: a projector, an adapter, a name without weights.
        case helper
        /// It may not be read.
        case unreadable
    }

    /// The path.
    public var path: String

    /// One sentence: what is wrong, what to do.
    public var reason: String

    /// What kind of thing it is.
    public var kind: Kind

    /// Where it was found.
    public var store: ModelStore.Kind

    /// Whether a person should be told without asking: it is in a folder of one's own, not in
    /// another tool's store, and something is wrong with it.
    public var isNoteworthy: Bool { store == .folder && kind != .helper }

    /// Describes a file.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - reason: One sentence: what is wrong, what to do.
    ///   - kind: What kind of thing it is.
    ///   - store: Where it was found.
    public init(
        path: String,
        reason: String,
        kind: Kind = .damaged,
        store: ModelStore.Kind = .folder
    ) {
        self.path = path
        self.reason = reason
        self.kind = kind
        self.store = store
    }
}
