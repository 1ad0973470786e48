import CorralCache
import CorralHost
import Foundation
import Logging
import ServiceLifecycle

/// The file that keeps what the cache has learned of the models over restarts: `learned.json` in the
/// state folder.
struct LearnedStateFile: Sendable {
    /// The path of the file.
    let path: String

    /// Names the file in a state folder.
    init(folder: String) {
        path = folder + "/learned.json"
    }

    /// What was found on reading the file.
    enum Reading: Equatable, Sendable {
        /// Nothing was written yet.
        case absent
        /// What was learned, and how long ago it was written.
        case found(LearnedState, ago: Duration)
        /// The file made no sense: the name it has been given, and what was wrong with it.
        case setAside(String, because: String)
    }

    private struct Content: Codable {
        var version: Int
        /// Seconds since 1970: the cache's own clock starts anew with each process.
        var savedAt: Double
        var learned: LearnedState
    }

    /// A file of another version was written by a corral that learns other things.
    private static let version = 1
    /// The largest file that is read, in bytes: a model takes about a kilobyte.
    private static let limit = 64 << 20

    /// Reads what was learned.
    ///
    /// A file that makes no sense is set aside, so that it can be looked at.
    func read(now: Date = Date()) -> Reading {
        let url = URL(fileURLWithPath: path)
        guard FileManager.default.fileExists(atPath: path) else { return .absent }
        do {
            let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            guard size <= Self.limit else { return setAside("it has \(size) bytes") }
            let content = try Self.decoder.decode(Content.self, from: Data(contentsOf: url))
            guard content.version == Self.version else {
                return setAside("it is of version \(content.version), not \(Self.version)")
            }
            // A clock that was set back in between must not make anything come from the future.
            let ago = max(0, now.timeIntervalSince1970 - content.savedAt)
            return .found(content.learned, ago: .seconds(min(ago, 1e10)))
        } catch {
            return setAside("\(error)")
        }
    }

    /// What was learned and how long ago; `nil`, with a warning in the log, where the file makes no
    /// sense.
    func reading(_ logger: Logger) -> (state: LearnedState, ago: Duration)? {
        switch read() {
        case .absent: return nil
        case .found(let state, let ago): return (state, ago)
        case .setAside(let other, let reason):
            logger.warning(
                "What was learned of the models could not be read, and is learned anew",
                metadata: ["set aside as": "\(other)", "because": "\(reason)"]
            )
            return nil
        }
    }

    private func setAside(_ reason: String) -> Reading {
        let other = path + ".unreadable"
        try? FileManager.default.removeItem(atPath: other)
        try? FileManager.default.moveItem(atPath: path, toPath: other)
        return .setAside(other, because: reason)
    }

    /// Writes what was learned, whole or not at all, for this user's eyes alone: it names models.
    ///
    /// - Throws: Where it cannot be written.
    func write(_ learned: LearnedState, now: Date = Date()) throws {
        let content = Content(
            version: Self.version,
            savedAt: now.timeIntervalSince1970,
            learned: learned
        )
        let data = try Self.encoder.encode(content)
        let files = FileManager.default
        let folder = (path as NSString).deletingLastPathComponent
        try files.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let fresh = "\(path).\(ProcessInfo.processInfo.processIdentifier).new"
        defer { try? files.removeItem(atPath: fresh) }
        guard
            files.createFile(atPath: fresh, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteNoPermission) }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: fresh))
        defer { try? handle.close() }
        try handle.write(contentsOf: data)
        // On the disk before it takes the place of what is there.
        try handle.synchronize()
        // Unsafe, because C takes pointers: to paths that live until the call returns.
        guard unsafe rename(fresh, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return encoder
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return decoder
    }
}

/// Writes what the cache learns every few minutes, and once more at the end.
struct LearnedStateKeeper<Engine: ModelEngine>: Service {
    let cache: ModelCache<Engine>
    let file: LearnedStateFile
    let logger: Logger

    /// The time between two writings: a machine that loses its power forgets no more than this.
    var interval = Duration.seconds(300)
    /// The clock that measures this time.
    var clock: any Clock<Duration> = ContinuousClock()
    private let thread = BlockingThread("corral.learned")

    init(
        cache: ModelCache<Engine>,
        file: LearnedStateFile,
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.cache = cache
        self.file = file
        self.logger = logger
        self.clock = clock
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: interval)) != nil { await save() }
        }
        // A daemon that could not even start has learned nothing, and another may be running.
        if !Task.isCancelled { await save() }
    }

    /// Writes the file now; a failure is logged and changes nothing else.
    func save() async {
        let (file, learned) = (file, cache.learned)
        do {
            try await thread.run { try file.write(learned) }
        } catch {
            logger.warning(
                "What was learned of the models could not be saved",
                metadata: ["file": "\(file.path)", "error": "\(error)"]
            )
        }
    }
}
