public import CorralMemory

/// A graphics card as the system sees it, and whose memory it uses.
///
/// The device that llama.cpp makes of a card, with buffers of its own, is the planner's `Accelerator`.
public struct GPU: Hashable, Sendable {
    /// The makers of graphics cards.
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

    /// Where the layers go that a model puts on the card.
    public enum Memory: Hashable, Sendable {
        /// Into memory of its own: a domain beside the host's.
        case dedicated(HostMemory.Domain)
        /// Into the machine's memory: no domain of its own.
        case host
        /// Into memory whose size the system does not tell: not budgeted.
        case unknown
    }

    /// The maker.
    public var vendor: Vendor

    /// Its name for people, such as `NVIDIA GeForce RTX 4090`.
    public var name: String

    /// A name that stays the same across restarts: an NVIDIA UUID, or the card's name in sysfs.
    public var identifier: String

    /// The memory it uses.
    public var memory: Memory

    /// Creates a description.
    public init(vendor: Vendor, name: String, identifier: String, memory: Memory) {
        self.vendor = vendor
        self.name = name
        self.identifier = identifier
        self.memory = memory
    }
}
