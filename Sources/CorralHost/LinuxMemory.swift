internal import CorralMemory

/// Puts a Linux machine's figures together.
struct LinuxMemory: Sendable {
    private let source: LinuxSource
    private let mounts: ControlGroupMounts
    private let graphics: SysfsGraphics

    init(_ source: LinuxSource) {
        self.source = source
        // Hundreds of lines on a container host, hence once.
        mounts = ControlGroupMounts(mountInfo: source.files.text("/proc/self/mountinfo"))
        graphics = SysfsGraphics(source.files)
    }

    func read() throws(HostError) -> HostMemory {
        guard let text = source.files.text("/proc/meminfo") else {
            throw HostError(code: .unreadable, source: "/proc/meminfo")
        }
        guard let info = MemInfo(text) else {
            throw HostError(code: .unrecognized, source: "/proc/meminfo")
        }
        var host = HostMemory.Domain(limit: info.total, available: info.available)
        let folders = folders()
        for folder in folders {
            let group = ControlGroup(folder, in: source.files)
            if let limit = group.limit { host.limit = min(host.limit, limit) }
            if let available = group.available { host.available = min(host.available, available) }
        }
        host.available = min(host.available, host.limit)
        var domains: [MemoryDomain: HostMemory.Domain] = [
            .host: HostMemory.Domain(limit: host.limit, available: host.available)
        ]
        for (index, gpu) in gpus().enumerated() {
            if case .dedicated(let domain) = gpu.memory { domains[.gpu(index)] = domain }
        }
        return HostMemory(domains: domains, pressure: pressure(folders))
    }

    /// NVIDIA's, then AMD's, as far as the engine sees them; then those only named.
    func gpus() -> [GPU] {
        let cards = graphics.read(source.files)
        let amd = cards.filter { $0.vendor == .amd }
        return DeviceVisibility.selected(source.nvidia(), by: source.visible.cuda)
            + DeviceVisibility.selected(amd, by: source.visible.hip)
            + cards.filter { $0.vendor != .amd }
    }

    /// The smallest limit that control groups set, if any does.
    func groupLimit() -> ByteCount? {
        folders().compactMap { ControlGroup($0, in: source.files).limit }.min()
    }

    private func folders() -> [ControlGroupMounts.Folder] {
        // Read anew, for a service manager may move a running process.
        guard let membership = source.files.text("/proc/self/cgroup") else { return [] }
        return mounts.folders(membership: membership)
    }

    /// The larger of the machine's pressure and this process's own group's: a group at its
    /// limit stalls on a machine with free memory, and within a container the machine's
    /// figure may be hidden.
    private func pressure(_ folders: [ControlGroupMounts.Folder]) -> Double? {
        let own = folders.first { $0.version == .v2 }.map { "\($0.path)/memory.pressure" }
        return ["/proc/pressure/memory", own].compactMap { path in
            path.flatMap(source.files.text).flatMap(PressureStall.share)
        }.max()
    }
}
