package import CorralGGUF

/// The folders models are looked for in: the disk, or a tree made up for a test.
///
/// Links are followed by the tree; what an item is, is what its path leads to.
package protocol FolderTree: Sendable {
    /// What `path` leads to; `nil` where nothing is there.
    func item(at path: String) -> FolderItem?

    /// The names in a folder, in any order, without `.` and `..`.
    ///
    /// - Throws: ``CatalogueError`` where the folder cannot be read.
    func names(in folder: String) throws(CatalogueError) -> [String]

    /// The text of a small file.
    ///
    /// - Parameters:
    ///   - path: The path of a regular file.
    ///   - limit: The most bytes it may have.
    /// - Returns: Its content as UTF-8.
    /// - Throws: ``CatalogueError`` where it cannot be read or is longer.
    func text(at path: String, limit: Int) throws(CatalogueError) -> String
}

/// A file, a folder or something else that a path leads to.
package enum FolderItem: Hashable, Sendable {
    /// A regular file.
    case file(GGUFFileIdentity)
    /// A folder.
    case folder(FolderIdentity)
    /// A pipe, a socket or a device.
    case other
    /// Something is there, or may be, but the system does not let this user look.
    case denied
}

/// Tells a folder from others, and its content now from its content before.
package struct FolderIdentity: Hashable, Sendable {
    /// The device the folder is on.
    package var device: UInt64
    /// The folder's number on the device.
    package var inode: UInt64
    /// When names were last added or removed, in nanoseconds since 1970.
    package var modified: Int64

    /// Describes a folder.
    ///
    /// - Parameters:
    ///   - device: The device the folder is on.
    ///   - inode: The folder's number on the device.
    ///   - modified: When names were last added or removed, in nanoseconds since 1970.
    package init(device: UInt64, inode: UInt64, modified: Int64 = 0) {
        self.device = device
        self.inode = inode
        self.modified = modified
    }
}
