import CorralPlanner
import Foundation

/// The file that keeps what processes were found to hold: `corrections.json` in the state folder.
///
/// It is written beside and renamed, so that whoever reads it finds the old or the new, whole; one
/// that cannot be read counts as empty, since all of it can be measured again.
struct CorrectionFile: Sendable {
    let path: String

    /// The file of a user.
    init(_ environment: UserEnvironment = .current) {
        self.init(path: environment.stateFolder + "/corrections.json")
    }

    init(path: String) { self.path = path }

    /// What was measured so far.
    func read() -> CorrectionStore {
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count < 16 << 20,
            let store = try? JSONDecoder().decode(CorrectionStore.self, from: bytes),
            store.isReadable
        else { return CorrectionStore() }
        return store
    }

    /// Writes what was measured.
    ///
    /// - Throws: Where the folder cannot be made or written.
    func write(_ store: CorrectionStore) throws {
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
