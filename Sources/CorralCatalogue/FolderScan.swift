internal import CorralGGUF

/// The GGUF files under some folders, found by name alone: nothing is opened.
struct FolderScan: Hashable, Sendable {
    /// The files that were found, folder by folder in the order given, by path inside each.
    private(set) var files: [FoundFile] = []

    /// The files and folders that look like models, or folders of models, and are none.
    private(set) var problems: [UnusableFile] = []

    /// Folders deeper than this are not looked at; stores of models are four deep.
    static let depthLimit = 16

    private let store: ModelStore.Kind
    private var seenFolders: Set<FolderPlace> = []
    private var seenFiles: Set<GGUFFileIdentity> = []

    /// A folder whatever is in it now.
    private struct FolderPlace: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// Searches folders.
    ///
    /// - Parameters:
    ///   - folders: Paths of folders, or of single GGUF files.
    ///   - tree: Where they are.
    ///   - store: Whose folders they are.
    init(_ folders: [String], in tree: some FolderTree, store: ModelStore.Kind = .folder) {
        self.store = store
        for folder in folders {
            switch tree.item(at: folder) {
            case .folder: visit(folder, under: folder, depth: 0, tree)
            case .file(let identity): add([(Self.name(folder), identity)], at: Self.parent(folder))
            case .denied: note(folder, UnusableFile.deniedReason(folder), .unreadable)
            case .other, nil:
                note(folder, "There is no folder \(folder); create it or name another.")
            }
        }
    }

    private mutating func note(
        _ path: String,
        _ reason: String,
        _ kind: UnusableFile.Kind = .damaged
    ) {
        problems.append(UnusableFile(path: path, reason: reason, kind: kind, store: store))
    }

    private mutating func visit(
        _ folder: String,
        under root: String,
        depth: Int,
        _ tree: some FolderTree
    ) {
        // A link that leads back up would otherwise never end.
        guard case .folder(let identity) = tree.item(at: folder), depth <= Self.depthLimit,
            seenFolders.insert(FolderPlace(device: identity.device, inode: identity.inode)).inserted
        else { return }
        let names: [String]
        do throws(CatalogueError) {
            names = try tree.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            note(folder, error.message, .unreadable)
            return
        }
        let all = Set(names)
        var files: [(name: String, identity: GGUFFileIdentity)] = []
        var folders: [String] = []
        for name in names {
            let path = Self.join(folder, name)
            switch tree.item(at: path) {
            case .folder: folders.append(path)
            case .file(let identity) where DownloadNote.isModel(name, beside: all):
                files.append((name, identity))
            case .file where DownloadNote.isUnfinished(name, beside: all):
                note(path, UnusableFile.unfinishedReason(path), .unfinished)
            case nil where DownloadNote.isModel(name, beside: all):
                note(path, "The link \(path) leads nowhere; fetch the file again or remove it.")
            case .denied where DownloadNote.isModel(name, beside: all):
                note(path, UnusableFile.deniedReason(path), .unreadable)
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
                    let first = split.path(ofPart: 1)
                    if byName[first] == nil {
                        note(
                            path,
                            "\(path) is a part of a split model whose first part, \(first), is not there."
                        )
                    }
                    continue
                }
                for part in 2...split.count {
                    if let next = byName[split.path(ofPart: part)] { identities.append(next) }
                }
                guard identities.count == split.count else {
                    note(
                        path,
                        "Only \(identities.count) of \(split.count) parts are beside \(path); fetch the others."
                    )
                    continue
                }
            }
            self.files.append(
                FoundFile(
                    path: path,
                    root: root ?? folder,
                    store: store,
                    identities: identities,
                    label: path,
                    scope: folder
                )
            )
        }
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

extension UnusableFile {
    /// The sentence for what may not be read.
    static func deniedReason(_ path: String) -> String {
        "\(path) may not be looked at by this user; change its permissions or those of the folders above it."
    }

    /// The sentence for a download that has not come to its end.
    static func unfinishedReason(_ path: String) -> String {
        "\(path) is a download that has not finished; it is offered when it has, or fetch it again."
    }
}
