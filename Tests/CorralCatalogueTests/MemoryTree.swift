import CorralCatalogue
import CorralGGUF
import Synchronization

/// Folders that exist in memory alone.
final class MemoryTree: FolderTree {
    private struct State {
        var files: [String: GGUFFileIdentity] = [:]
        var texts: [String: String] = [:]
        var links: [String: String] = [:]
        var locked: Set<String> = []
        var hidden: Set<String> = []
        var inode: UInt64 = 100
        var readings = 0
        var accesses = 0
    }

    private let state = Mutex(State())

    init(_ files: String...) {
        for file in files { add(file) }
    }

    /// How often the names of a folder were read.
    var readings: Int { state.withLock { $0.readings } }

    /// How often anything was asked.
    var accesses: Int { state.withLock { $0.accesses } }

    /// Adds a file, or changes it.
    func add(_ path: String, bytes: UInt64 = 1 << 20, text: String? = nil) {
        state.withLock { state in
            state.inode += 1
            state.files[path] = GGUFFileIdentity(
                device: 1,
                inode: state.inode,
                byteCount: text.map { UInt64($0.utf8.count) } ?? bytes,
                modifiedSeconds: 1_700_000_000,
                modifiedNanoseconds: 0
            )
            state.texts[path] = text
        }
    }

    func link(_ path: String, to target: String) {
        state.withLock { $0.links[path] = target }
    }

    /// Makes a folder's names unreadable.
    func lock(_ folder: String) {
        state.withLock { _ = $0.locked.insert(folder) }
    }

    /// Makes a path one that may not even be looked at.
    func hide(_ path: String) {
        state.withLock { _ = $0.hidden.insert(path) }
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

    private static func inside(_ folder: String, _ state: State) -> Set<String> {
        let paths = Array(state.files.keys) + Array(state.links.keys)
        return Set(
            paths.filter { $0.hasPrefix(folder + "/") }.compactMap { path in
                path.dropFirst(folder.count + 1).split(separator: "/").first.map(String.init)
            }
        )
    }

    func item(at path: String) -> FolderItem? {
        state.withLock { state in
            state.accesses += 1
            let path = Self.resolved(path, state)
            if state.hidden.contains(path) { return .denied }
            if let identity = state.files[path] { return .file(identity) }
            let inside = Self.inside(path, state)
            guard !inside.isEmpty else { return nil }
            let number = path.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
            // The time of a folder follows from its names, as far as a test can tell.
            let time = inside.sorted().joined(separator: "/").utf8.reduce(Int64(7)) {
                $0 &* 31 &+ Int64($1)
            }
            return .folder(FolderIdentity(device: 1, inode: number, modified: time))
        }
    }

    func names(in folder: String) throws(CatalogueError) -> [String] {
        let names = state.withLock { state -> Set<String>? in
            state.readings += 1
            state.accesses += 1
            let folder = Self.resolved(folder, state)
            guard !state.locked.contains(folder) else { return nil }
            return Self.inside(folder, state)
        }
        guard let names else {
            throw CatalogueError(.unreadableFolder, subject: folder, "\(folder) is locked.")
        }
        return Array(names)
    }

    func text(at path: String, limit: Int) throws(CatalogueError) -> String {
        let text = state.withLock { state in
            state.accesses += 1
            return state.texts[Self.resolved(path, state)]
        }
        guard let text, text.utf8.count <= limit else {
            throw CatalogueError(.unusableFile, subject: path, "\(path) cannot be read.")
        }
        return text
    }
}
