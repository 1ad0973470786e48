internal import CorralGGUF
internal import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The machine's own folders.
///
/// The one place of this module with unsafe code: `stat` and `readdir` take and give
/// pointers, none of which outlives the call it belongs to.
package struct DiskFolders: FolderTree {
    /// Creates a view of the disk.
    package init() {}

    /// What `path` leads to, links followed; `nil` where nothing is there.
    package func item(at path: String) -> FolderItem? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            return [EACCES, EPERM, EIO].contains(errno) ? .denied : nil
        }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file(GGUFFileIdentity(ofStatus: status))
        case S_IFDIR: .folder(FolderIdentity(ofStatus: status))
        default: .other
        }
    }

    /// The names in a folder.
    ///
    /// - Throws: ``CatalogueError/Code/unreadableFolder``.
    package func names(in folder: String) throws(CatalogueError) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error"
            throw CatalogueError(
                .unreadableFolder,
                subject: folder,
                "The folder \(folder) cannot be read (\(reason)); check its path and permissions."
            )
        }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(
                    to: CChar.self,
                    capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)
                ) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The text of a small file.
    ///
    /// - Throws: ``CatalogueError/Code/unusableFile``.
    package func text(at path: String, limit: Int) throws(CatalogueError) -> String {
        guard case .file(let identity) = item(at: path), identity.byteCount <= UInt64(limit),
            let data = try? Data(contentsOf: URL(fileURLWithPath: path))
        else {
            throw CatalogueError(
                .unusableFile,
                subject: path,
                "\(path) cannot be read, or is longer than \(limit) bytes; check its permissions."
            )
        }
        return String(decoding: data, as: UTF8.self)
    }
}

extension stat {
    /// When the content last changed.
    fileprivate var modified: timespec {
        #if canImport(Darwin)
        st_mtimespec
        #else
        st_mtim
        #endif
    }
}

extension FolderIdentity {
    fileprivate init(ofStatus status: stat) {
        self.init(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino),
            modified: Int64(status.modified.tv_sec) &* 1_000_000_000
                &+ Int64(status.modified.tv_nsec)
        )
    }
}

extension GGUFFileIdentity {
    fileprivate init(ofStatus status: stat) {
        self.init(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino),
            byteCount: UInt64(clamping: status.st_size),
            modifiedSeconds: Int64(status.modified.tv_sec),
            modifiedNanoseconds: Int64(status.modified.tv_nsec)
        )
    }
}
