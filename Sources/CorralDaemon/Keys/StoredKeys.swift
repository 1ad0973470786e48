import CorralHost
package import CorralServer
import Foundation
package import Logging

/// The keys of a file, as a value that is kept up to date in the background.
///
/// A request looks at the value alone: no file is opened for it. ``run(clock:)`` looks at the file
/// each second, so a key that was revoked is no good a second later.
package final class StoredKeys: APIKeyDirectory {
    /// How the file looked when it was read, and the keys it held.
    private struct Reading: Sendable {
        var keys: [APIKey]
        var stamp: Stamp?
    }

    private struct Stamp: Hashable {
        var size: Int
        var modified: Date?
        var number: Int
    }

    /// The time between two looks at the file.
    package static let interval = Duration.seconds(1)

    private let sampler: Sampler<Reading>

    /// Reads a file; blocks while it does.
    ///
    /// - Parameters:
    ///   - file: The file, which need not be there yet.
    ///   - logger: Told when the file has changed.
    /// - Throws: ``ConfigurationError`` where the file cannot be used.
    package convenience init(_ file: KeyFile, logger: Logger) throws(ConfigurationError) {
        try self.init(file, logger: logger) { file throws(ConfigurationError) in try file.keys() }
    }

    /// Reads a file as a test has it read.
    init(
        _ file: KeyFile,
        logger: Logger,
        reading read: @escaping @Sendable (KeyFile) throws(ConfigurationError) -> [APIKey]
    ) throws(ConfigurationError) {
        let stamp = Self.stamp(of: file.path)
        let first = Reading(keys: try read(file), stamp: stamp)
        sampler = Sampler("corral.keys", initial: first) { last in
            let stamp = Self.stamp(of: file.path)
            guard stamp != last.stamp else { return last }
            do {
                let keys = try read(file)
                logger.notice("API keys read anew", metadata: ["keys": "\(keys.count)"])
                return Reading(keys: keys, stamp: stamp)
            } catch {
                logger.error("API keys stay as they were", metadata: ["error": "\(error)"])
                return Reading(keys: last.keys, stamp: stamp)
            }
        }
    }

    /// The keys in the file, as it was when it was last looked at.
    ///
    /// A file that does not make sense any more changes nothing; one that is gone has no keys.
    package var keys: [APIKey] { sampler.latest.keys }

    /// Looks at the file now, and suspends until that is done.
    package func refresh() async { await sampler.refresh() }

    /// Looks at the file each second until the task is cancelled.
    package func run(clock: any Clock<Duration> = ContinuousClock()) async {
        while (try? await clock.sleep(for: Self.interval)) != nil { await sampler.refresh() }
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
