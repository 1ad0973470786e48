package import CorralCache
internal import CorralGGUF
internal import Synchronization

/// Knows the models in some stores and what people call them.
///
/// Names are looked up in ``listing``, a value that was made by the last ``search()``: a lookup opens
/// no file and waits for no disk. A search blocks, so it is made where that does no harm, again and
/// again in a daemon, once in a command. While nothing has changed it costs one system call for each
/// file and folder; a file's header is read once and remembered for as long as the file is the same.
package final class ModelCatalogue: Sendable {
    /// Reads what a header says.
    package typealias Reader = @Sendable (_ path: String) throws -> ModelFacts

    private let tree: any FolderTree
    private let reader: Reader
    private let latest: Mutex<(revision: Int, listing: CatalogueListing)>
    /// Held for the whole of a search, so that there is one at a time; lookups do not take it.
    private let searching: Mutex<Search>

    /// The stores that are searched, and what the last search has seen.
    private struct Search {
        var stores: [ModelStore]
        var overrides: [(name: String, overrides: ModelOverrides)]
        var headers: [[GGUFFileIdentity]: Result<ModelFacts, any Error>] = [:]
        /// The files and folders that the listing was made of, as they were then; empty where
        /// searching again could find something else though none of them has changed.
        var stamps: [String: FolderItem?] = [:]
    }

    /// Creates a catalogue; it is empty until the first search.
    ///
    /// - Parameters:
    ///   - stores: Where to search; of a file in two of them the first counts.
    ///   - overrides: What a person set for single models, by any of their names.
    ///   - tree: Where the folders are.
    ///   - reader: Reads what a header says.
    package init(
        stores: [ModelStore],
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        tree: any FolderTree = DiskFolders(),
        reader: @escaping Reader = { try ModelFacts(GGUFFile(path: $0)) }
    ) {
        self.tree = tree
        self.reader = reader
        latest = Mutex((0, CatalogueListing(entries: [], stores: stores)))
        searching = Mutex(Search(stores: stores, overrides: overrides))
    }

    /// Creates a catalogue of folders; it is empty until the first search.
    ///
    /// - Parameters:
    ///   - folders: Folders to search with all below them, or single GGUF files.
    ///   - overrides: What a person set for single models, by any of their names.
    ///   - tree: Where the folders are.
    ///   - reader: Reads what a header says.
    package convenience init(
        folders: [String],
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        tree: any FolderTree = DiskFolders(),
        reader: @escaping Reader = { try ModelFacts(GGUFFile(path: $0)) }
    ) {
        let stores = folders.map { ModelStore(.folder, at: $0) }
        self.init(stores: stores, overrides: overrides, tree: tree, reader: reader)
    }

    // MARK: Lookups, which never wait

    /// The models as the last search found them.
    package var listing: CatalogueListing { published.listing }

    /// The models, with a number that changes when they do.
    package var published: (revision: Int, listing: CatalogueListing) { latest.withLock { $0 } }

    /// The model called `name`.
    ///
    /// - Throws: ``CatalogueError``, as ``CatalogueListing/entry(named:)``.
    package func entry(named name: String) throws(CatalogueError) -> CatalogueEntry {
        try listing.entry(named: name)
    }

    /// The model whose file, or first part, is at `path`.
    package func entry(at path: String) -> CatalogueEntry? { listing.entry(at: path) }

    /// The model in one role, or in the role it is for.
    ///
    /// - Throws: ``CatalogueError``, also where the model cannot play the role.
    package func model(
        named name: String,
        role: ModelRole? = nil
    ) throws(CatalogueError) -> ModelID {
        try entry(named: name).model(role)
    }

    // MARK: Searches, which block

    /// Searches the stores.
    ///
    /// Blocks for as long as the disk takes, and for as long as another search does.
    ///
    /// - Returns: The models as they are now, which are the listing from then on.
    @discardableResult
    package func search() -> CatalogueListing { searching.withLock { search(&$0) } }

    /// Replaces stores and overrides, and searches.
    ///
    /// - Parameters:
    ///   - stores: Where to search.
    ///   - overrides: What a person set for single models.
    /// - Returns: The models as they are then.
    @discardableResult
    package func update(
        stores: [ModelStore],
        overrides: [(name: String, overrides: ModelOverrides)]
    ) -> CatalogueListing {
        searching.withLock { state in
            state.stores = stores
            state.overrides = overrides
            state.stamps = [:]
            return search(&state)
        }
    }

    private func search(_ state: inout Search) -> CatalogueListing {
        if !state.stamps.isEmpty, RecordedTree.isUnchanged(state.stamps, in: tree) {
            return listing
        }
        let recorded = RecordedTree(tree)
        let scan = StoreScan(state.stores, in: recorded)
        var headers: [[GGUFFileIdentity]: Result<ModelFacts, any Error>] = [:]
        var isComplete = true
        let files = scan.files.map { file in
            let header = state.headers[file.identities] ?? Result { try reader(file.path) }
            if Self.isLasting(header) {
                headers[file.identities] = header
            } else {
                isComplete = false
            }
            return (file, header)
        }
        let listing = CatalogueListing(
            files: files,
            problems: scan.problems,
            overrides: state.overrides,
            stores: state.stores
        )
        state.headers = headers
        state.stamps = isComplete ? recorded.stamps : [:]
        latest.withLock { $0 = ($0.revision + 1, listing) }
        return listing
    }

    /// Whether reading a file again, unchanged, would give the same.
    private static func isLasting(_ header: Result<ModelFacts, any Error>) -> Bool {
        guard case .failure(let error) = header else { return true }
        // Permissions can change without the file changing.
        let passing: [GGUFError.Code] = [.unreadable, .fileChanged, .notAFile, .missingShard]
        return !passing.contains { $0 ~= error }
    }
}
