#if canImport(Darwin)
internal import CorralMemory
import Darwin
#if canImport(Metal)
import Metal
#endif

extension DarwinSource {
    /// This Mac.
    public static func live() -> DarwinSource {
        DarwinSource(
            integer: Self.systemInteger,
            text: Self.systemText,
            pages: Self.systemPages,
            graphics: { Self.systemGraphics },
            process: Self.processMemory
        )
    }

    // The calls below are unsafe because C takes pointers to buffers; each buffer is as
    // large as the length passed with it and outlives the call.

    private static func systemInteger(_ name: String) -> Int64? {
        var value: Int64 = 0
        var size = MemoryLayout<Int64>.size
        // A 32-bit answer fills the lower half: every Mac is little-endian.
        guard unsafe sysctlbyname(name, &value, &size, nil, 0) == 0 else { return nil }
        return value
    }

    private static func systemText(_ name: String) -> String? {
        var size = 0
        guard unsafe sysctlbyname(name, nil, &size, nil, 0) == 0, size > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: size)
        guard unsafe sysctlbyname(name, &bytes, &size, nil, 0) == 0 else { return nil }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func systemPages() -> DarwinPages? {
        var statistics = vm_statistics64_data_t()
        let words = MemoryLayout<vm_statistics64_data_t>.size / MemoryLayout<integer_t>.size
        var count = mach_msg_type_number_t(words)
        let host = mach_host_self()
        // Each call of mach_host_self() takes a reference that is ours to give back.
        defer { unsafe mach_port_deallocate(mach_task_self_, host) }
        let status = unsafe withUnsafeMutablePointer(to: &statistics) { pointer in
            unsafe pointer.withMemoryRebound(to: integer_t.self, capacity: words) {
                unsafe host_statistics64(host, HOST_VM_INFO64, $0, &count)
            }
        }
        guard status == KERN_SUCCESS else { return nil }
        return DarwinPages(
            size: Int64(getpagesize()),
            wired: Int64(statistics.wire_count),
            compressor: Int64(statistics.compressor_page_count),
            anonymous: Int64(statistics.internal_page_count),
            purgeable: Int64(statistics.purgeable_count)
        )
    }

    private static let systemGraphics: (name: String, workingSet: ByteCount)? = {
        #if canImport(Metal)
        guard let device = MTLCreateSystemDefaultDevice(), device.hasUnifiedMemory else {
            return nil
        }
        return (device.name, ByteCount(clamping: device.recommendedMaxWorkingSetSize))
        #else
        return nil
        #endif
    }()

    /// A process's memory: its physical footprint is what it alone holds, and what is
    /// resident beyond that is mapped from files.
    private static func processMemory(_ pid: Int32) -> ProcessMemory? {
        var usage = rusage_info_v4()
        let status = unsafe withUnsafeMutablePointer(to: &usage) { pointer in
            unsafe pointer.withMemoryRebound(to: rusage_info_t?.self, capacity: 1) {
                unsafe proc_pid_rusage(pid, RUSAGE_INFO_V4, $0)
            }
        }
        guard status == 0 else { return nil }
        let footprint = ByteCount(clamping: usage.ri_phys_footprint)
        let resident = ByteCount(clamping: usage.ri_resident_size)
        return ProcessMemory(
            exclusive: footprint,
            fileBacked: max(.zero, resident - footprint)
        )
    }
}
#endif
