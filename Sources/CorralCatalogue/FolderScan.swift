internal import CorralGGUF

/// The GGUF files under some folders, found by name alone: nothing is opened.
struct FolderScan: Hashable, Sendable {
    /// One model's file, or the parts of a split one.
    struct Found: Hashable, Sendable {
        /// The path of the file, or of the first part.
        var path: String
        /// The folder of the search it was found under.
        var folder: String
        /// Which files the parts are, the first part first.
        var identities: [GGUFFileIdentity]
    }

    /// What was found, by folder in the order given and by path inside.
    private(set) var files: [Found] = []

    /// What looked like a model or a folder of them and is none.
    private(set) var problems: [UnusableFile] = []

    /// Folders deeper than this are not looked at; stores of models are four deep.
    static let depthLimit = 16

    private var seenFolders: Set<FolderItem> = []
    private var seenFiles: Set<GGUFFileIdentity> = []

    /// Searches folders.
    ///
    /// - Parameters:
    ///   - folders: Paths of folders, or of single GGUF files.
    ///   - tree: Where they are.
    init(_ folders: [String], in tree: some FolderTree) {
        for folder in folders {
            switch tree.item(at: folder) {
            case .folder: visit(folder, under: folder, depth: 0, tree)
            case .file(let identity): add([(Self.name(folder), identity)], at: Self.parent(folder))
            case .other, nil:
                problems.append(
                    UnusableFile(
                        path: folder,
                        reason: "There is no folder \(folder); create it or name another."
                    )
                )
            }
        }
    }

    private mutating func visit(
        _ folder: String,
        under root: String,
        depth: Int,
        _ tree: some FolderTree
    ) {
        // A link that leads back up would otherwise never end.
        guard let item = tree.item(at: folder), depth <= Self.depthLimit,
            seenFolders.insert(item).inserted
        else { return }
        let names: [String]
        do throws(CatalogueError) {
            names = try tree.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            problems.append(UnusableFile(path: folder, reason: error.message))
            return
        }
        let all = Set(names)
        var files: [(name: String, identity: GGUFFileIdentity)] = []
        var folders: [String] = []
        for name in names {
            let path = Self.join(folder, name)
            switch tree.item(at: path) {
            case .folder: folders.append(path)
            case .file(let identity) where Self.isModel(name, beside: all):
                files.append((name, identity))
            case nil where Self.isModel(name, beside: all):
                problems.append(
                    UnusableFile(
                        path: path,
                        reason: "The link \(path) leads nowhere; fetch the file again or remove it."
                    )
                )
            default: break
            }
        }
        add(files, at: folder, under: root)
        for path in folders { visit(path, under: root, depth: depth + 1, tree) }
    }

    private mutating func add(
        _ files: [(name: String, identity: GGUFFileIdentity)],
        at folder: String,
        under root: String? = nil
    ) {
        let byName = Dictionary(files.map { ($0.name, $0.identity) }) { first, _ in first }
        for (name, identity) in files {
            let path = Self.join(folder, name)
            var identities = [identity]
            if let split = GGUFSplitName(path: name), split.count > 1 {
                guard split.number == 1 else {
                    if byName[split.path(ofPart: 1)] == nil {
                        problems.append(missing(split.path(ofPart: 1), of: path))
                    }
                    continue
                }
                for part in 2...split.count {
                    if let next = byName[split.path(ofPart: part)] { identities.append(next) }
                }
                guard identities.count == split.count else {
                    problems.append(
                        UnusableFile(
                            path: path,
                            reason:
                                "Only \(identities.count) of \(split.count) parts are beside \(path); fetch the others."
                        )
                    )
                    continue
                }
            }
            // The same file under a second name, as in caches made of links.
            guard seenFiles.insert(identity).inserted else { continue }
            self.files.append(Found(path: path, folder: root ?? folder, identities: identities))
        }
    }

    private func missing(_ first: String, of path: String) -> UnusableFile {
        UnusableFile(
            path: path,
            reason: "\(path) is a part of a split model whose first part, \(first), is not there."
        )
    }

    /// Whether a name is that of a whole GGUF file, given the names beside it.
    static func isModel(_ name: String, beside names: Set<String>) -> Bool {
        let lowered = name.lowercased()
        guard lowered.hasSuffix(".gguf") else { return false }
        let unfinished = [".part", ".partial", ".tmp", ".incomplete", ".download"]
        let stem = lowered.dropLast(5)
        guard !unfinished.contains(where: { stem.hasSuffix($0) }) else { return false }
        // Downloaders that write under the final name keep a note beside it.
        let notes = [".aria2", ".part", ".partial", ".downloadInProgress", ".crdownload"]
        return !notes.contains { names.contains(name + $0) }
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    static func name(_ path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
