/// Where the machine's figures come from; replaced in tests.
public enum HostSource: Sendable {
    /// A Linux machine.
    case linux(LinuxSource)
    /// A Mac.
    case darwin(DarwinSource)

    /// This machine; made once, when the program starts, since it finds the GPUs.
    ///
    /// - Parameter visible: Which GPUs the engine will see; ignored on a Mac.
    /// - Returns: The source.
    public static func live(visible: DeviceVisibility = DeviceVisibility()) -> HostSource {
        #if canImport(Darwin)
        .darwin(.live())
        #else
        .linux(.live(visible: visible))
        #endif
    }
}
