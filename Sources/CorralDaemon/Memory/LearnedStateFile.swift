import CorralCache
import Foundation
import Logging

/// What the cache has learned of the models, kept in a file over restarts.
struct LearnedStateFile: Sendable {
    /// The path of the file.
    let path: String

    /// The file in the folder of what the daemon remembers.
    init(folder: String) {
        path = folder + "/learned.json"
    }

    /// What reading came to.
    enum Reading: Equatable, Sendable {
        /// Nothing was written yet.
        case absent
        /// This was learned, so long ago.
        case found(LearnedState, ago: Duration)
        /// The file made no sense; it is now called this, and why.
        case setAside(String, because: String)
    }

    private struct Content: Codable {
        var version: Int
        /// Seconds since 1970: the cache's own clock starts anew with each process.
        var savedAt: Double
        var learned: LearnedState
    }

    /// Another number means that it was written by a corral that knows other things.
    private static let version = 1
    /// A megabyte is a thousand models.
    private static let limit = 64 << 20

    /// Reads what was learned.
    ///
    /// What makes no sense is set aside, so that it can be looked at.
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

    /// What was learned and how long ago, where there is anything; what is wrong is logged.
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
