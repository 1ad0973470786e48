/// Everything a Linux machine tells about its memory.
public struct LinuxSource: Sendable {
    /// The files of `/proc` and `/sys`.
    public var files: FileTree

    /// NVIDIA's GPUs with what of their memory is free now, in PCI order.
    public var nvidia: @Sendable () -> [GPU]

    /// Which GPUs the engine will see.
    public var visible: DeviceVisibility

    /// Creates a source; a machine without NVIDIA GPUs unless given.
    public init(
        files: FileTree,
        nvidia: @escaping @Sendable () -> [GPU] = { [] },
        visible: DeviceVisibility = DeviceVisibility()
    ) {
        self.files = files
        self.nvidia = nvidia
        self.visible = visible
    }

    #if os(Linux)
    /// This machine.
    ///
    /// NVIDIA's library is opened here, once, which takes from milliseconds to seconds:
    /// make the source when the program starts. Where it cannot be opened, `nvidia-smi`
    /// is asked instead: at the first reading for up to five seconds, then whenever
    /// its answer is older than a second, for at most 150 ms; a slower answer serves
    /// the next reading. Where that fails too, it is tried again after a minute.
    ///
    /// - Parameter visible: Which GPUs the engine will see.
    /// - Returns: The source.
    public static func live(visible: DeviceVisibility = DeviceVisibility()) -> LinuxSource {
        if let library = NVML() {
            return LinuxSource(files: .folder(), nvidia: library.read, visible: visible)
        }
        let command = RefreshedCommand(paths: NvidiaSMI.paths, arguments: NvidiaSMI.arguments) {
            !NvidiaSMI.gpus(in: $0).isEmpty
        }
        return LinuxSource(
            files: .folder(),
            nvidia: { NvidiaSMI.gpus(in: command.output()) },
            visible: visible
        )
    }
    #endif
}
