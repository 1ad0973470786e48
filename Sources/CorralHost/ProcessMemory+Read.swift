public import CorralMemory

extension ProcessMemory {
    /// Reads how much memory a process takes now.
    ///
    /// On Linux from `/proc/PID/status` (proc_pid_status(5)): `RssAnon`, `RssShmem` and
    /// `VmSwap` are exclusive, `RssFile` is file-backed. On a Mac from `proc_pid_rusage`.
    ///
    /// - Parameters:
    ///   - pid: The process's number.
    ///   - source: Where the figures come from.
    ///   - proportional: Whether to read the fair share too, for which the kernel
    ///     walks all of the process's page tables: milliseconds per gigabyte.
    /// - Returns: The memory; none for a process that has ended but not been reaped.
    /// - Throws: ``HostError`` when there is no such process.
    public static func read(
        pid: Int32,
        from source: HostSource,
        proportional: Bool = false
    ) throws(HostError) -> ProcessMemory {
        switch source {
        case .darwin(let source):
            guard let memory = source.process(pid) else {
                throw HostError(code: .noSuchProcess, source: "process \(pid)")
            }
            return memory
        case .linux(let source):
            guard let text = source.files.text("/proc/\(pid)/status") else {
                throw HostError(code: .noSuchProcess, source: "/proc/\(pid)/status")
            }
            var memory = ProcessMemory(status: text)
            if proportional {
                memory.proportional = source.files.text("/proc/\(pid)/smaps_rollup")?
                    .value(of: "Pss:")
            }
            return memory
        }
    }

    /// Reads the text of `/proc/PID/status`; what it does not name is zero, as all
    /// of it is for a process that has ended.
    init(status text: KernelText) {
        func figure(_ name: String) -> ByteCount { text.value(of: "\(name):") ?? .zero }
        self.init(
            exclusive: figure("RssAnon") + figure("RssShmem") + figure("VmSwap"),
            fileBacked: figure("RssFile")
        )
    }
}
