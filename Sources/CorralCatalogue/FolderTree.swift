public import CorralGGUF

/// The folders models are looked for in: the disk, or a tree made up for a test.
///
/// Links are followed by the tree; what an item is, is what its path leads to.
public protocol FolderTree: Sendable {
    /// What `path` leads to; `nil` where nothing is there.
    func item(at path: String) -> FolderItem?

    /// The names in a folder, in any order, without `.` and `..`.
    ///
    /// - Throws: ``CatalogueError`` where the folder cannot be read.
    func names(in folder: String) throws(CatalogueError) -> [String]
}

/// What a path leads to.
public enum FolderItem: Hashable, Sendable {
    /// A regular file.
    case file(GGUFFileIdentity)
    /// A folder, told from others by its device and its number there.
    case folder(device: UInt64, inode: UInt64)
    /// A pipe, a socket or a device.
    case other
}
