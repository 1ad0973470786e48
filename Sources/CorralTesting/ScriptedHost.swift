public import CorralMemory
import Synchronization

/// A machine whose memory is what the test says.
public final class ScriptedHost: HostMemoryReader {
    private let memory: Mutex<HostMemory>

    /// Creates a host with one domain.
    ///
    /// - Parameters:
    ///   - limit: All the memory it has.
    ///   - available: What is free; all of it when `nil`.
    public convenience init(limit: ByteCount, available: ByteCount? = nil) {
        let domain = HostMemory.Domain(limit: limit, available: available ?? limit)
        self.init(HostMemory(domains: [.host: domain]))
    }

    /// Creates a host with the given memory.
    public init(_ memory: HostMemory) {
        self.memory = Mutex(memory)
    }

    /// Returns what was last set.
    public func read() -> HostMemory {
        memory.withLock { $0 }
    }

    /// Sets what is free from now on.
    public func setAvailable(_ bytes: ByteCount, in domain: MemoryDomain = .host) {
        memory.withLock { $0.domains[domain]?.available = bytes }
    }
}
