import CorralServer
import Foundation
import Yams

/// The file that `corral key` writes and the daemon reads: names, scopes and digests of keys.
package struct KeyFile: Sendable {
    /// The path of the file.
    package let path: String

    /// Names a file, which need not be there.
    package init(path: String) { self.path = path }

    /// The records of the keys in it, in order; none where there is no file.
    ///
    /// - Throws: ``ConfigurationError`` where it cannot be read, makes no sense, or could have been
    ///   written by somebody else.
    package func records() throws(ConfigurationError) -> [KeyRecord] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        try checkPermissions()
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(
                .unreadable,
                "The file of API keys \(path) cannot be read; check its owner and permissions."
            )
        }
        do throws(ConfigurationError) {
            return try Self.records(in: text)
        } catch {
            throw ConfigurationError(
                .malformed,
                "The file of API keys \(path) cannot be used. \(error.message)"
            )
        }
    }

    /// The keys in it as the server knows them.
    ///
    /// - Throws: As ``records()``.
    func keys() throws(ConfigurationError) -> [APIKey] {
        var keys: [APIKey] = []
        for record in try records() { keys.append(try record.key()) }
        return keys
    }

    /// Reads a text.
    static func records(in text: String) throws(ConfigurationError) -> [KeyRecord] {
        let records: [KeyRecord]
        do {
            // Comments alone are nothing to decode.
            guard try Yams.compose(yaml: text) != nil else { return [] }
            records = try YAMLDecoder().decode(Content.self, from: text).keys
        } catch {
            throw ConfigurationError(
                .malformed,
                "It is no list of keys as `corral key create` writes it."
            )
        }
        var names: Set<String> = []
        for record in records {
            _ = try record.key()
            guard names.insert(record.name).inserted else {
                throw ConfigurationError(.invalidKey, "\(record.name) is there twice.")
            }
        }
        return records
    }

    /// Writes the keys in one step.
    ///
    /// Others may read the file, so that a daemon with a user of its own can: the digests in it
    /// open nothing. Where the folder has to be made, it is this user's alone.
    ///
    /// - Throws: ``ConfigurationError/Code/unwritable``.
    package func write(_ records: [KeyRecord]) throws {
        let folder = (path as NSString).deletingLastPathComponent
        let head = """
            # API keys of corral, as `corral key` writes them: digests, from which nobody can make
            # the keys. A running daemon reads the file anew when it changes.

            """
        let text = head + (try YAMLEncoder().encode(Content(keys: records)))
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        } catch {
            throw ConfigurationError(
                .unwritable,
                "The file of API keys \(path) cannot be written; check the folder's permissions."
            )
        }
    }

    private struct Content: Codable {
        var keys: [KeyRecord]
    }

    /// Refuses a file that others can write: they could let themselves in.
    private func checkPermissions() throws(ConfigurationError) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0
        guard mode & 0o022 == 0 else {
            throw ConfigurationError(
                .unreadable,
                "The file of API keys \(path) can be written by others; run `chmod go-w \(path)`."
            )
        }
    }
}
