package import CorralPlanner
import Foundation

/// The file that keeps how much memory processes were found to hold: `corrections.json` in the state
/// folder.
///
/// A new file is written beside the old one and renamed, so that a reader finds either of them whole.
/// A file that cannot be read counts as empty, since everything in it can be measured again.
package struct CorrectionFile: Sendable {
    package let path: String

    /// The file of a user.
    package init(_ environment: UserEnvironment = .current) {
        self.init(path: environment.stateFolder + "/corrections.json")
    }

    package init(path: String) { self.path = path }

    /// The measurements so far.
    package func read() -> CorrectionStore {
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count < 16 << 20,
            let store = try? JSONDecoder().decode(CorrectionStore.self, from: bytes),
            store.isReadable
        else { return CorrectionStore() }
        return store
    }

    /// Writes measurements.
    ///
    /// - Throws: Where the folder cannot be made or written.
    package func write(_ store: CorrectionStore) throws {
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Atomically: to a file beside it, then renamed.
        try encoder.encode(store).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
