/// The physical memory one process takes, split by whether ending it frees the memory.
public struct ProcessMemory: Hashable, Sendable {
    /// Memory that is gone with the process: anonymous and shared-memory pages, in
    /// memory or swapped out, since pages that were swapped out come back with use.
    public var exclusive: ByteCount

    /// Resident pages of mapped files, such as a model's weights: file cache that
    /// other processes may map too, and that outlives the process.
    public var fileBacked: ByteCount

    /// The process's fair share of all its resident pages, each divided by the number
    /// of processes that map it (Linux: PSS); `nil` unless asked for.
    public var proportional: ByteCount?

    /// Creates a reading.
    public init(
        exclusive: ByteCount,
        fileBacked: ByteCount,
        proportional: ByteCount? = nil
    ) {
        self.exclusive = exclusive
        self.fileBacked = fileBacked
        self.proportional = proportional
    }
}
