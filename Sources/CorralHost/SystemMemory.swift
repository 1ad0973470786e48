public import CorralMemory

/// Reads how much memory this machine has, and how much of it is available now.
///
/// A reading is a dozen small files: about 0.1 ms on Linux, plus what NVML takes, so
/// it is taken anew at each load decision. What cannot change while the program runs, as
/// where control groups are mounted and which graphics cards there are, is found at
/// initialization.
public struct SystemMemory: HostMemoryReader {
    private enum System {
        case linux(LinuxMemory)
        case darwin(DarwinSource)
    }

    private let system: System

    /// Creates a reader.
    ///
    /// - Parameter source: Where the figures come from, ``HostSource/live(visible:)`` in
    ///   a program.
    public init(_ source: HostSource) {
        system =
            switch source {
            case .linux(let source): .linux(LinuxMemory(source))
            case .darwin(let source): .darwin(source)
            }
    }

    /// Reads the machine's memory now.
    ///
    /// - Throws: ``HostError`` when the system's figures cannot be read.
    public func read() throws(HostError) -> HostMemory {
        switch system {
        case .linux(let memory): return try memory.read()
        case .darwin(let source): return HostMemory(domains: [.host: try source.host()])
        }
    }

    /// The GPUs in the order of their domains: the first is
    /// `MemoryDomain.gpu(_:)` 0, and only those with dedicated memory have a
    /// domain in a reading.
    public func gpus() -> [GPU] {
        switch system {
        case .linux(let memory): return memory.gpus()
        case .darwin(let source):
            guard let graphics = source.graphics() else { return [] }
            return [
                GPU(
                    vendor: .apple,
                    name: graphics.name,
                    identifier: "metal",
                    memory: .host
                )
            ]
        }
    }
}
