import Logging
import Synchronization

/// A folder for this process's sockets that nobody else can enter.
///
/// Its name is short, since a socket's path has at most 103 bytes (`sun_path`: 104 on macOS,
/// 108 on Linux, the last one zero). A file in it stays locked while its owner lives, which tells
/// the next daemon which folders were left behind.
final class SocketFolder: Sendable {
    /// The folder's path.
    let path: String

    private let lock: Int32
    private let next = Atomic<Int>(0)

    /// The most bytes of a socket's path on every system.
    static let longestPath = 103

    /// What the folders' names begin with.
    static let prefix = "corral-"

    /// The longest name within a folder: `/` and 20 digits at most, `.sock`.
    private static let longestName = 26

    /// Creates a folder, in `parent` where that is safe and short enough, else in `/tmp`, after
    /// removing those whose owners have died.
    ///
    /// - Throws: ``LlamaServerError`` where none can be made.
    init(parent: String?, logger: Logger) throws(LlamaServerError) {
        let parents = [parent, "/tmp"].compactMap { $0 }.filter(Self.isUsable)
        for parent in parents {
            for left in Self.leftBehind(in: parent) {
                logger.info("Removing what a dead daemon left", metadata: ["folder": "\(left)"])
                SystemProcess.endAll(withArgument: left + "/")
                SystemFolder.remove(left)
            }
        }
        for parent in parents {
            guard let path = SystemFolder.makePrivate(in: parent, prefix: Self.prefix) else {
                continue
            }
            if SystemFolder.isPrivate(path), let lock = SystemFolder.lockNew(path) {
                self.path = path
                self.lock = lock
                return
            }
            SystemFolder.remove(path)
        }
        throw LlamaServerError(
            .noSocketFolder,
            "No private folder for sockets could be made in \(parents.joined(separator: " or ")); make one of them writable."
        )
    }

    deinit { SystemFolder.close(lock) }

    /// The path of a socket that has never been used.
    func newSocket() -> String {
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue
        return "\(path)/\(number).sock"
    }

    /// Removes the folder.
    func remove() { SystemFolder.remove(path) }

    /// Whether a folder for sockets may be made in `parent`.
    static func isUsable(_ parent: String) -> Bool {
        parent.hasPrefix("/") && fits(parent)
            && (parent == "/tmp" || SystemFolder.isPrivate(parent))
    }

    /// Whether the path of a socket within a folder within `parent` is short enough.
    static func fits(_ parent: String) -> Bool {
        let folder = parent.utf8.count + 1 + prefix.utf8.count + 6
        return folder + longestName <= longestPath
    }

    /// The folders in `parent` whose owners have died.
    private static func leftBehind(in parent: String) -> [String] {
        SystemFolder.names(in: parent).filter { $0.hasPrefix(prefix) }.sorted()
            .map { "\(parent)/\($0)" }
            .filter { SystemFolder.isPrivate($0) && SystemFolder.isAbandoned($0) }
    }
}
