public import CorralMemory

/// A GPU, and whose memory it uses.
public struct Accelerator: Hashable, Sendable {
    /// Who makes it.
    public enum Vendor: String, Hashable, Sendable {
        /// NVIDIA, read through its management library.
        case nvidia = "NVIDIA"
        /// AMD, read through sysfs.
        case amd = "AMD"
        /// Intel, named but not measured.
        case intel = "Intel"
        /// Apple, which shares the machine's memory.
        case apple = "Apple"
    }

    /// Where a model's layers go that are put on the accelerator.
    public enum Memory: Hashable, Sendable {
        /// Into memory of its own: a domain beside the host's.
        case dedicated(HostMemory.Domain)
        /// Into the machine's memory: no domain of its own.
        case host
        /// Into memory whose size the system does not tell: not budgeted.
        case unknown
    }

    /// Who makes it.
    public var vendor: Vendor

    /// Its name for people, such as `NVIDIA GeForce RTX 4090`.
    public var name: String

    /// What names it across restarts: an NVIDIA UUID, or the card's name in sysfs.
    public var identifier: String

    /// Whose memory it uses.
    public var memory: Memory

    /// Creates a description.
    public init(vendor: Vendor, name: String, identifier: String, memory: Memory) {
        self.vendor = vendor
        self.name = name
        self.identifier = identifier
        self.memory = memory
    }
}
