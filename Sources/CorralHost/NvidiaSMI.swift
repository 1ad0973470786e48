internal import CorralMemory

/// What `nvidia-smi` prints, for machines on which its library cannot be opened (a
/// program linked statically cannot open any).
enum NvidiaSMI {
    /// The question, with sizes in MiB; the name comes last for it may hold a comma.
    static let arguments = [
        "--query-gpu=index,uuid,memory.total,memory.free,name",
        "--format=csv,noheader,nounits",
    ]

    /// Where the command is: not searched through `PATH`, which anyone may set.
    static let paths = [
        "/usr/bin/nvidia-smi", "/usr/local/bin/nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi",
        "/run/current-system/sw/bin/nvidia-smi", "/opt/bin/nvidia-smi",
    ]

    /// Reads the answer, a line per device; what is no such line, as an error message
    /// is not, names no device.
    ///
    /// A device without memory of its own prints `[N/A]` and uses the machine's.
    static func gpus(in output: [UInt8]) -> [GPU] {
        let lines = KernelText(output).lines.compactMap { line -> (Int, GPU)? in
            let fields = line.split(
                separator: ",",
                maxSplits: 4,
                omittingEmptySubsequences: false
            ).map { KernelText(Array($0.utf8)).trimmed }
            guard fields.count == 5, let index = Int(fields[0]), index >= 0 else { return nil }
            let memory: GPU.Memory
            if let total = Int64(fields[2]), let free = Int64(fields[3]), total > 0, free >= 0 {
                let limit = ByteCount.mebibytes(total)
                memory = .dedicated(
                    HostMemory.Domain(limit: limit, available: min(.mebibytes(free), limit))
                )
            } else if fields[2].contains("N/A") || fields[2].contains("Not Supported") {
                memory = .host
            } else {
                memory = .unknown
            }
            let device = GPU(
                vendor: .nvidia,
                name: fields[4],
                identifier: fields[1],
                memory: memory
            )
            return (index, device)
        }
        return lines.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
