/// What tells one version of a file from another, without reading it.
public struct GGUFFileIdentity: Hashable, Sendable {
    /// The device the file is on.
    public var device: UInt64
    /// The file's number on the device.
    public var inode: UInt64
    /// The bytes of the file.
    public var byteCount: UInt64
    /// When its content last changed, in whole seconds since 1970.
    public var modifiedSeconds: Int64
    /// The nanoseconds of that second.
    public var modifiedNanoseconds: Int64

    /// Describes a file.
    ///
    /// - Parameters:
    ///   - device: The device the file is on.
    ///   - inode: The file's number on the device.
    ///   - byteCount: The bytes of the file.
    ///   - modifiedSeconds: When its content last changed, in whole seconds since 1970.
    ///   - modifiedNanoseconds: The nanoseconds of that second.
    public init(
        device: UInt64,
        inode: UInt64,
        byteCount: UInt64,
        modifiedSeconds: Int64,
        modifiedNanoseconds: Int64
    ) {
        self.device = device
        self.inode = inode
        self.byteCount = byteCount
        self.modifiedSeconds = modifiedSeconds
        self.modifiedNanoseconds = modifiedNanoseconds
    }
}
