internal import CorralMemory

/// The figures of `/proc/meminfo` (proc_meminfo(5)).
struct MemInfo: Equatable {
    /// Installed memory, less what the kernel keeps from the start.
    var total: ByteCount

    /// What could be allocated without swapping, as the kernel estimates it.
    var available: ByteCount

    /// Swap space in all, and what of it is unused.
    var swap: ByteCount
    var swapFree: ByteCount

    /// Reads the file's text.
    ///
    /// Kernels before 3.14 and some container runtimes have no `MemAvailable`; then
    /// free memory, buffers, file cache and reclaimable slab stand in for it, less
    /// shared memory, which `Cached` includes though it cannot be dropped.
    ///
    /// - Returns: `nil` if the total or any way to know what is free is missing.
    init?(_ text: KernelText) {
        guard let total = text.value(of: "MemTotal:"), total > .zero else { return nil }
        self.total = total
        if let available = text.value(of: "MemAvailable:") {
            self.available = min(available, total)
        } else {
            guard let free = text.value(of: "MemFree:") else { return nil }
            let cache = text.value(of: "Cached:") ?? .zero
            let shared = min(text.value(of: "Shmem:") ?? .zero, cache)
            let buffers = text.value(of: "Buffers:") ?? .zero
            let slab = text.value(of: "SReclaimable:") ?? .zero
            available = min(free + buffers + (cache - shared) + slab, total)
        }
        swap = text.value(of: "SwapTotal:") ?? .zero
        swapFree = min(text.value(of: "SwapFree:") ?? .zero, swap)
    }
}
