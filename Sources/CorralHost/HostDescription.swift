public import CorralMemory

/// A machine's processor, memory and graphics cards, for people who ask why a model fits or is slow.
public struct HostDescription: Hashable, Sendable {
    /// The processor's name, where the system tells it.
    public var processor: String?

    /// The number of logical cores of the machine.
    public var logicalCores: Int

    /// The number of physical cores, where the system tells it.
    public var physicalCores: Int?

    /// The instructions the processor has for which llama.cpp has kernels.
    public var features: [ProcessorFeature]

    /// The installed memory.
    public var memory: ByteCount

    /// The smallest limit that control groups set below that, if any.
    public var groupLimit: ByteCount?

    /// The swap space in all; `nil` where the system makes it as it needs.
    public var swap: ByteCount?

    /// The unused part of the swap space.
    public var swapFree: ByteCount?

    /// The GPUs, in the order of their domains.
    public var gpus: [GPU]

    /// Asks the machine; hundreds of microseconds, so not for each decision.
    ///
    /// - Throws: ``HostError`` when the system's figures cannot be read.
    public init(_ source: HostSource) throws(HostError) {
        let processor: ProcessorInfo
        switch source {
        case .linux(let source):
            guard let info = source.files.text("/proc/meminfo").flatMap(MemInfo.init) else {
                throw HostError(code: .unreadable, source: "/proc/meminfo")
            }
            let linux = LinuxMemory(source)
            memory = info.total
            groupLimit = linux.groupLimit().flatMap { [memory] in $0 < memory ? $0 : nil }
            swap = info.swap
            swapFree = info.swapFree
            gpus = linux.gpus()
            processor = ProcessorInfo(source.files.text("/proc/cpuinfo"))
        case .darwin(let source):
            memory = try source.host().limit
            gpus = SystemMemory(.darwin(source)).gpus()
            processor = ProcessorInfo(source)
        }
        self.processor = processor.name
        logicalCores = processor.logicalCores
        physicalCores = processor.physicalCores
        features = processor.features
    }
}
