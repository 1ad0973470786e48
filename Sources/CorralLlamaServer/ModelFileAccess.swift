public import CorralCache
import CorralGGUF
import Dispatch
import Synchronization

/// How an engine learns where models' files are and what of them is in memory.
///
/// It knows no host: whoever creates the engine passes the host's functions in.
public struct ModelFileAccess: Sendable {
    /// Names the storage of a file, and tells the share of some files that is in the page cache.
    public var storage: @Sendable (_ paths: [String]) -> ModelStorage

    /// Brings a file into the page cache.
    ///
    /// It asks now and then whether it should stop, and may block.
    public var readAhead: @Sendable (_ path: String, _ isCancelled: @Sendable () -> Bool) -> Bool

    /// Creates access from two functions.
    public init(
        storage: @escaping @Sendable (_ paths: [String]) -> ModelStorage,
        readAhead:
            @escaping @Sendable (_ path: String, _ isCancelled: @Sendable () -> Bool) -> Bool
    ) {
        self.storage = storage
        self.readAhead = readAhead
    }

    /// Knows nothing and reads nothing.
    public static let none = ModelFileAccess(
        storage: { _ in ModelStorage() },
        readAhead: { _, _ in false }
    )

    /// The files of a model: one, or all parts of a split one.
    static func files(of path: String) -> [String] {
        guard let split = GGUFSplitName(path: path) else { return [path] }
        return (1...split.count).map(split.path(ofPart:))
    }

    /// Reads files ahead, away from the threads that answer requests.
    ///
    /// - Returns: Whether all were read; false once the task is cancelled.
    func readAhead(_ paths: [String]) async -> Bool {
        let stop = StopFlag()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Self.queue.async { [readAhead] in
                    let isRead = paths.allSatisfy { readAhead($0, { stop.isSet }) }
                    continuation.resume(returning: isRead)
                }
            }
        } onCancel: {
            stop.set()
        }
    }

    /// One file at a time, and after everything else.
    private static let queue = DispatchQueue(label: "corral.read-ahead", qos: .utility)

    private final class StopFlag: Sendable {
        private let flag = Atomic(false)

        var isSet: Bool { flag.load(ordering: .relaxed) }
        func set() { flag.store(true, ordering: .relaxed) }
    }
}
