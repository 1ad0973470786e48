internal import Synchronization

/// A tree that remembers what it was asked, so that it can be told later whether a search would
/// find the same.
///
/// Names that come or go change the time of their folder, a file's new content changes its own
/// identity: comparing what was seen costs one system call a path, and opens nothing.
final class RecordedTree: FolderTree {
    private let tree: any FolderTree
    private let seen = Mutex<[String: FolderItem?]>([:])

    init(_ tree: any FolderTree) { self.tree = tree }

    /// Everything that was looked at, and what it was.
    var stamps: [String: FolderItem?] { seen.withLock { $0 } }

    /// Whether everything is as it was.
    static func isUnchanged(_ stamps: [String: FolderItem?], in tree: any FolderTree) -> Bool {
        stamps.allSatisfy { path, item in tree.item(at: path) == item }
    }

    func item(at path: String) -> FolderItem? {
        let item = tree.item(at: path)
        seen.withLock { $0[path] = .some(item) }
        return item
    }

    func names(in folder: String) throws(CatalogueError) -> [String] {
        // Looked at before it is read: what changes in between is then found the next time.
        _ = item(at: folder)
        return try tree.names(in: folder)
    }

    func text(at path: String, limit: Int) throws(CatalogueError) -> String {
        _ = item(at: path)
        return try tree.text(at: path, limit: limit)
    }
}
