/// The parts of files that the kernel keeps in otherwise unused memory.
///
/// A model whose file is there loads in a fraction of the time. Tests replace both functions.
public struct PageCache: Sendable {
    /// The share of a file that is in memory, from 0 to 1; `nil` where it cannot be told.
    public var share: @Sendable (_ path: String) -> Double?

    /// Brings a file into memory, from its beginning.
    ///
    /// Blocks for as long as the disk takes; `isCancelled` is asked every few megabytes. Returns
    /// whether the whole file was read.
    public var readAhead: @Sendable (_ path: String, _ isCancelled: @Sendable () -> Bool) -> Bool

    /// Creates a page cache from two functions.
    public init(
        share: @escaping @Sendable (_ path: String) -> Double?,
        readAhead:
            @escaping @Sendable (_ path: String, _ isCancelled: @Sendable () -> Bool) -> Bool
    ) {
        self.share = share
        self.readAhead = readAhead
    }

    /// The page cache of this machine.
    public static let live = PageCache(
        share: PageCacheCalls.share,
        readAhead: PageCacheCalls.readAhead
    )

    /// The share of several files together, each counting by its size.
    ///
    /// - Parameter files: Paths, and the bytes of each.
    /// - Returns: A share from 0 to 1; `nil` where it cannot be told of one of them.
    public func share(of files: [(path: String, bytes: Int64)]) -> Double? {
        var (cached, total) = (0.0, 0.0)
        for file in files where file.bytes > 0 {
            guard let share = share(file.path) else { return nil }
            cached += share * Double(file.bytes)
            total += Double(file.bytes)
        }
        return total > 0 ? cached / total : nil
    }
}
