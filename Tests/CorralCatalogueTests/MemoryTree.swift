import CorralCatalogue
import CorralGGUF
import Synchronization

/// Folders that exist in memory alone.
final class MemoryTree: FolderTree {
    private struct State {
        var files: [String: GGUFFileIdentity] = [:]
        var links: [String: String] = [:]
        var locked: Set<String> = []
        var inode: UInt64 = 100
    }

    private let state = Mutex(State())

    init(_ files: String...) {
        for file in files { add(file) }
    }

    /// Adds a file, or changes it.
    func add(_ path: String, bytes: UInt64 = 1 << 20) {
        state.withLock { state in
            state.inode += 1
            state.files[path] = GGUFFileIdentity(
                device: 1,
                inode: state.inode,
                byteCount: bytes,
                modifiedSeconds: 1_700_000_000,
                modifiedNanoseconds: 0
            )
        }
    }

    func link(_ path: String, to target: String) {
        state.withLock { $0.links[path] = target }
    }

    func lock(_ folder: String) {
        state.withLock { _ = $0.locked.insert(folder) }
    }

    func remove(_ path: String) {
        state.withLock { _ = $0.files.removeValue(forKey: path) }
    }

    private static func resolved(_ path: String, _ state: State) -> String {
        var path = path
        for _ in 0..<40 {
            let link = state.links.first { path == $0.key || path.hasPrefix($0.key + "/") }
            guard let link else { break }
            path = link.value + path.dropFirst(link.key.count)
        }
        return path
    }

    func item(at path: String) -> FolderItem? {
        state.withLock { state in
            let path = Self.resolved(path, state)
            if let identity = state.files[path] { return .file(identity) }
            let inside = Array(state.files.keys) + Array(state.links.keys)
            guard inside.contains(where: { $0.hasPrefix(path + "/") }) else { return nil }
            let number = path.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
            return .folder(device: 1, inode: number)
        }
    }

    func names(in folder: String) throws(CatalogueError) -> [String] {
        let names = state.withLock { state -> Set<String>? in
            let folder = Self.resolved(folder, state)
            guard !state.locked.contains(folder) else { return nil }
            let inside = Array(state.files.keys) + Array(state.links.keys)
            return Set(
                inside.filter { $0.hasPrefix(folder + "/") }.compactMap { path in
                    path.dropFirst(folder.count + 1).split(separator: "/").first.map(String.init)
                }
            )
        }
        guard let names else {
            throw CatalogueError(.unreadableFolder, subject: folder, "\(folder) is locked.")
        }
        return Array(names)
    }
}
