import CorralServer
import Foundation
import Logging
import Synchronization

/// The keys of a file, read anew when the file changes: a key that was revoked is no good a
/// second later.
final class StoredKeys: APIKeyDirectory {
    /// How the file looked when it was read.
    private struct Stamp: Hashable {
        var size: Int
        var modified: Date?
        var number: Int
    }

    private struct State {
        var keys: [APIKey]
        var stamp: Stamp?
        var next: ContinuousClock.Instant
    }

    /// How often the file is looked at.
    static let interval = Duration.seconds(1)

    private let file: KeyFile
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - file: The file, which need not be there yet.
    ///   - logger: Told when the file has changed.
    ///   - now: The time.
    /// - Throws: ``ConfigurationError`` where the file cannot be used.
    init(
        _ file: KeyFile,
        logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) throws(ConfigurationError) {
        self.file = file
        self.logger = logger
        self.now = now
        let stamp = Self.stamp(of: file.path)
        state = Mutex(
            State(keys: try Self.keys(in: file), stamp: stamp, next: now() + Self.interval)
        )
    }

    /// The keys in the file, as it was at most a second ago.
    ///
    /// A file that does not make sense any more changes nothing; one that is gone has no keys.
    var keys: [APIKey] {
        let now = now()
        return state.withLock { state in
            guard now >= state.next else { return state.keys }
            state.next = now + Self.interval
            let stamp = Self.stamp(of: file.path)
            guard stamp != state.stamp else { return state.keys }
            state.stamp = stamp
            do {
                state.keys = try Self.keys(in: file)
                logger.notice("API keys read anew", metadata: ["keys": "\(state.keys.count)"])
            } catch {
                logger.error("API keys stay as they were", metadata: ["error": "\(error)"])
            }
            return state.keys
        }
    }

    private static func keys(in file: KeyFile) throws(ConfigurationError) -> [APIKey] {
        var keys: [APIKey] = []
        // What the file holds has been checked.
        for record in try file.records() { if let key = try? record.key() { keys.append(key) } }
        return keys
    }

    private static func stamp(of path: String) -> Stamp? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            return nil
        }
        return Stamp(
            size: (attributes[.size] as? NSNumber)?.intValue ?? 0,
            modified: attributes[.modificationDate] as? Date,
            number: (attributes[.systemFileNumber] as? NSNumber)?.intValue ?? 0
        )
    }
}
