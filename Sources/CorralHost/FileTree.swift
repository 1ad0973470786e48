/// The files the system speaks through, below a root that tests may replace.
public struct FileTree: Sendable {
    /// Reads a whole file by absolute path; `nil` if it cannot be read.
    public var read: @Sendable (_ path: String) -> [UInt8]?

    /// The names in a folder, sorted, without `.` and `..`; empty if it cannot be read.
    public var names: @Sendable (_ folder: String) -> [String]

    /// Creates a tree from two functions.
    public init(
        read: @escaping @Sendable (_ path: String) -> [UInt8]?,
        names: @escaping @Sendable (_ folder: String) -> [String]
    ) {
        self.read = read
        self.names = names
    }

    /// The files below `root`; an empty root is the machine's own tree.
    ///
    /// A file is read up to 8 MiB: `/proc/cpuinfo` of 1,024 processors has 3 MiB.
    public static func folder(_ root: String = "") -> FileTree {
        FileTree(
            read: { FileReading.contents(of: root + $0, limit: 8 << 20) },
            names: { FileReading.names(in: root + $0) }
        )
    }

    /// A tree held in memory: contents by absolute path.
    public init(_ files: [String: String]) {
        self.init(
            read: { path in files[path].map { Array($0.utf8) } },
            names: { folder in
                let prefix = folder.hasSuffix("/") ? folder : folder + "/"
                let inside = files.keys.filter { $0.hasPrefix(prefix) }
                let names = inside.compactMap {
                    $0.dropFirst(prefix.count).split(separator: "/").first
                }
                return Set(names).map(String.init).sorted()
            }
        )
    }

    /// A file's contents as searchable text.
    func text(_ path: String) -> KernelText? {
        read(path).map(KernelText.init)
    }
}
