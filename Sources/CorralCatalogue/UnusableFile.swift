/// A file or folder that was found but gives no model, and why.
package struct UnusableFile: Hashable, Sendable {
    /// The kinds of files and folders that give no model.
    package enum Kind: String, Sendable {
        /// A file that should be a model, and is damaged.
        case damaged
        /// A file that is still being fetched or written, or whose download was broken off.
        case unfinished
        /// A file that is no model by itself: a projector, an adapter, a name without weights.
        case helper
        /// A file or folder that may not be read.
        case unreadable
    }

    /// The path.
    package var path: String

    /// One sentence: what is wrong, what to do.
    package var reason: String

    /// The kind of file or folder.
    package var kind: Kind

    /// The kind of store it was found in.
    package var store: ModelStore.Kind

    /// Whether a person should be told without asking: it is in a folder of one's own, not in
    /// another tool's store, and something is wrong with it.
    package var isNoteworthy: Bool { store == .folder && kind != .helper }

    /// Describes a file.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - reason: One sentence: what is wrong, what to do.
    ///   - kind: The kind of file or folder.
    ///   - store: Where it was found.
    package init(
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
