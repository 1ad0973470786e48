/// Which GPUs an environment lets programs see, and in what order.
///
/// llama.cpp numbers the devices that its CUDA or HIP runtime shows it, so
/// `MemoryDomain.gpu(_:)` counts the same ones: the values of
/// `CUDA_VISIBLE_DEVICES` and `HIP_VISIBLE_DEVICES` come in here, as read by the program
/// (a library does not read the environment). Indices are in PCI order, as NVML and
/// nvidia-smi number; CUDA orders by speed unless `CUDA_DEVICE_ORDER=PCI_BUS_ID`, which a
/// machine with unlike GPUs must therefore set for the engine's processes.
public struct DeviceVisibility: Hashable, Sendable {
    /// The value of `CUDA_VISIBLE_DEVICES`; `nil` where it is not set.
    public var cuda: String?

    /// The value of `HIP_VISIBLE_DEVICES`; `nil` where it is not set.
    public var hip: String?

    /// Creates a visibility; all devices unless given.
    public init(cuda: String? = nil, hip: String? = nil) {
        self.cuda = cuda
        self.hip = hip
    }

    /// The devices that `list` shows, in its order.
    ///
    /// The rule is CUDA's: entries are indices or beginnings of a UUID, and the first
    /// entry that names no device, or one named before, ends the list. A MIG slice
    /// is no device here, so it ends the list too.
    static func selected(_ devices: [GPU], by list: String?) -> [GPU] {
        guard let list else { return devices }
        var result: [Int] = []
        for entry in list.split(separator: ",", omittingEmptySubsequences: false) {
            let name = entry.filter { !$0.isWhitespace }
            let matches = devices.indices.filter {
                Int(name) == $0
                    || (!name.isEmpty && Int(name) == nil
                        && devices[$0].identifier.lowercased().hasPrefix(name.lowercased()))
            }
            guard matches.count == 1, !result.contains(matches[0]) else { break }
            result.append(matches[0])
        }
        return result.map { devices[$0] }
    }
}
