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

    /// Reads `/proc/self/mountinfo`, a ``MountInfo`` a line.
    init(mountInfo: KernelText?) {
        for mount in (mountInfo?.lines ?? []).compactMap(MountInfo.init) {
            let version: Version
            switch mount.type {
            case "cgroup2": version = .v2
            case "cgroup" where mount.options.contains("memory"): version = .v1
            default: continue
            }
            // The same hierarchy may be mounted twice; the first is the system's own.
            if !mounts.contains(where: { $0.version == version }) {
                mounts.append(Mount(version: version, root: mount.root, point: mount.point))
            }
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
}
