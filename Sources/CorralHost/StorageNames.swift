#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Names the device that a file is stored on.
///
/// Models on one device load at one speed; what was learned of one tells about the others.
public struct StorageNames: Sendable {
    private let files: FileTree
    private let resolve: @Sendable (String) -> String?

    /// Creates names.
    ///
    /// - Parameters:
    ///   - files: Where `/proc/self/mountinfo` is read.
    ///   - resolve: A path without symbolic links; `nil` for one that leads nowhere.
    public init(
        files: FileTree = .folder(),
        resolve: @escaping @Sendable (String) -> String? = StorageNames.resolved
    ) {
        self.files = files
        self.resolve = resolve
    }

    /// The name of a file's storage: its device, such as `/dev/nvme0n1p2`, its server and share,
    /// such as `nas:/models`, or else the folder it is mounted at; empty where it is not known.
    ///
    /// A network's file system is called by its server wherever it is mounted.
    public func name(ofFileAt path: String) -> String {
        let path = resolve(path) ?? path
        guard let table = files.text("/proc/self/mountinfo") else {
            return Self.systemName(path) ?? ""
        }
        var best: (length: Int, name: String) = (-1, "")
        for line in table.lines {
            guard let mount = MountInfo(line), mount.holds(path) else { continue }
            // Of two mounts at one place the later hides the earlier.
            if mount.point.utf8.count >= best.length {
                best = (mount.point.utf8.count, mount.storageName)
            }
        }
        return best.name
    }

    /// A path without symbolic links (realpath(3)).
    @Sendable
    public static func resolved(_ path: String) -> String? {
        // Unsafe, because C returns a buffer that the caller has to free; it is copied first.
        guard let buffer = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(buffer) }
        return unsafe String(cString: buffer)
    }

    /// The name where there is no table of mounts.
    private static func systemName(_ path: String) -> String? {
        #if canImport(Darwin)
        var status = statfs()
        // Unsafe, because C fills a struct with an array of characters that ends with zero.
        guard unsafe statfs(path, &status) == 0 else { return nil }
        return unsafe withUnsafeBytes(of: &status.f_mntfromname) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        #else
        return nil
        #endif
    }
}

extension MountInfo {
    /// Whether a path without symbolic links lies below the mount point.
    fileprivate func holds(_ path: String) -> Bool {
        point == "/" || path == point || path.hasPrefix(point + "/")
    }

    /// The device, or the server and share; else the mount point.
    fileprivate var storageName: String {
        source.hasPrefix("/") || source.contains(":/") ? source : point
    }
}
