internal import CorralMemory

/// The memory that one control group lets its processes use, and the part that is left.
struct ControlGroup: Equatable {
    /// The most the group may use; `nil` where nothing limits it.
    var limit: ByteCount?

    /// The memory that the group may use in addition before it must swap, stall or be killed; `nil`
    /// where nothing limits it or its use is not told.
    var available: ByteCount?

    /// Reads a group's folder.
    ///
    /// File cache and reclaimable slab are not counted as used, whether the kernel
    /// lists them active or inactive: a model file that was read or downloaded fills
    /// a group to its limit and is dropped when memory is asked for. It is what
    /// `MemAvailable` does for the whole machine, so "available" means one thing, and
    /// weights that Corral's models have mapped are part of it everywhere.
    init(_ folder: ControlGroupMounts.Folder, in files: FileTree) {
        switch folder.version {
        case .v2: self.init(unified: folder.path, in: files)
        case .v1: self.init(legacy: folder.path, isOwn: folder.isOwn, in: files)
        }
    }

    /// Version 2 (the kernel's `cgroup-v2`, memory interface files).
    ///
    /// `memory.high` limits like `memory.max`: above it nothing is killed, but every
    /// allocation is throttled, which for a model's load is as good as a failure.
    private init(unified path: String, in files: FileTree) {
        // `max` is no number, and neither is a file the root group does not have.
        let limits = ["memory.max", "memory.high"].compactMap {
            files.text("\(path)/\($0)")?.number
        }
        limit = limits.min()
        guard let limit, let used = files.text("\(path)/memory.current")?.number else { return }
        available = Self.available(
            limit: limit,
            used: used,
            statistics: files.text("\(path)/memory.stat"),
            reclaimable: ["inactive_file ", "active_file ", "slab_reclaimable "]
        )
    }

    /// Version 1 (the kernel's `cgroup-v1/memory`); "unlimited" is a huge number.
    ///
    /// `hierarchical_memory_limit` is the smallest limit of all ancestors, those that
    /// a container cannot see among them.
    private init(legacy path: String, isOwn: Bool, in files: FileTree) {
        let written = files.text("\(path)/memory.limit_in_bytes")?.number
        // Ancestors without a limit are passed over: the statistics are slow to read.
        guard isOwn || written.map({ $0 < Self.unlimited }) ?? false else { return }
        let statistics = files.text("\(path)/memory.stat")
        let limits = [
            written, statistics?.value(of: "hierarchical_memory_limit "),
        ].compactMap { $0 }
        limit = limits.min().flatMap { $0 < Self.unlimited ? $0 : nil }
        guard let limit, let used = files.text("\(path)/memory.usage_in_bytes")?.number
        else { return }
        available = Self.available(
            limit: limit,
            used: used,
            statistics: statistics,
            reclaimable: ["total_inactive_file ", "total_active_file "]
        )
    }

    /// The kernel writes the largest multiple of a page below 2^63; no machine has 2^60.
    private static let unlimited = ByteCount(1 << 60)

    private static func available(
        limit: ByteCount,
        used: ByteCount,
        statistics: KernelText?,
        reclaimable keys: [String]
    ) -> ByteCount {
        let reclaimable = keys.reduce(.zero) { $0 + (statistics?.value(of: $1) ?? .zero) }
        return max(.zero, limit - max(.zero, used - reclaimable))
    }
}
