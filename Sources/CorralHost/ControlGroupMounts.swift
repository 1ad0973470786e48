/// Where the control-group hierarchies that account for memory are mounted.
struct ControlGroupMounts: Equatable {
    /// Which of the kernel's two interfaces a hierarchy speaks.
    enum Version {
        case v1, v2
    }

    /// One folder of a hierarchy: a group, or the root of what can be seen.
    struct Folder: Equatable {
        var version: Version
        var path: String
        /// Whether it is the process's own group rather than an ancestor.
        var isOwn: Bool
    }

    private struct Mount: Equatable {
        var version: Version
        /// The group that shows at the mount point: not `/` in a container without
        /// a control-group namespace.
        var root: String
        var point: String
    }

    private var mounts: [Mount] = []

    /// Reads `/proc/self/mountinfo` (proc_pid_mountinfo(5)): a line is `36 35 98:0
    /// /root /point options [optional …] - type source super-options`.
    init(mountInfo: KernelText?) {
        for line in mountInfo?.lines ?? [] {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3
            else { continue }
            let version: Version
            switch fields[dash + 1] {
            case "cgroup2": version = .v2
            case "cgroup" where fields[dash + 3].split(separator: ",").contains("memory"):
                version = .v1
            default: continue
            }
            let mount = Mount(
                version: version,
                root: Self.unescaped(fields[3]),
                point: Self.unescaped(fields[4])
            )
            // The same hierarchy may be mounted twice; the first is the system's own.
            if !mounts.contains(where: { $0.version == version }) { mounts.append(mount) }
        }
    }

    /// The folders of this process's groups and of all their visible ancestors, the
    /// innermost first, v2 before v1.
    ///
    /// - Parameter membership: `/proc/self/cgroup`, a line per hierarchy as in
    ///   `0::/path` (v2) or `4:memory:/path` (v1).
    /// - Returns: The folders, whether or not they exist.
    func folders(membership: KernelText) -> [Folder] {
        var result: [Folder] = []
        let lines = membership.lines.map {
            $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        }
        for version in [Version.v2, .v1] {
            guard let mount = mounts.first(where: { $0.version == version }) else { continue }
            let line = lines.first { line in
                guard line.count == 3 else { return false }
                return version == .v2
                    ? line[0] == "0" && line[1].isEmpty
                    : line[1].split(separator: ",").contains("memory")
            }
            guard let line else { continue }
            let parts = Self.components(of: String(line[2]), below: mount.root)
            for depth in stride(from: parts.count, through: 0, by: -1) {
                let path = ([mount.point == "/" ? "" : mount.point] + parts.prefix(depth))
                    .joined(separator: "/")
                result.append(
                    Folder(
                        version: version,
                        path: path.isEmpty ? "/" : path,
                        isOwn: depth == parts.count
                    )
                )
            }
        }
        return result
    }

    /// The components of `group` below `root`; none if it does not lie there, since
    /// then only the mount point itself says something about this process.
    private static func components(of group: String, below root: String) -> [String] {
        let parts = group.split(separator: "/").map(String.init)
        let above = root.split(separator: "/").map(String.init)
        guard parts.starts(with: above), !parts.contains("..") else { return [] }
        // Deeper than any real hierarchy: a hostile file shall not cost thousands of reads.
        return Array(parts.dropFirst(above.count).prefix(64))
    }

    /// Undoes the kernel's octal escapes of blanks and backslashes (`\040`).
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        let bytes = Array(field.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let digits = bytes.dropFirst(index + 1).prefix(3)
            if bytes[index] == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                result.append(value)
                index += 4
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
