public import CorralMemory

/// How long one load took, and of what.
public struct LoadObservation: Hashable, Sendable {
    /// What the model holds.
    public var bytes: ByteCount
    /// From the request to load it until it was ready.
    public var seconds: Double
    /// Whether its file was in the page cache.
    public var isCached: Bool
    /// A name for what its file is stored on, such as a mount point.
    public var storage: String

    /// Creates an observation.
    public init(
        bytes: ByteCount,
        seconds: Double,
        isCached: Bool = false,
        storage: String = ""
    ) {
        self.bytes = bytes
        self.seconds = seconds
        self.isCached = isCached
        self.storage = storage
    }
}
