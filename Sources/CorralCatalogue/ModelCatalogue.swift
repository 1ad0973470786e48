public import CorralCache
public import CorralGGUF
internal import Synchronization

/// Knows the models in some stores and what people call them.
///
/// A file's header is read once and remembered for as long as the file is the same. Looking again
/// costs one system call for each file and folder while none has changed. New files appear when
/// somebody asks for a name that is unknown, or for the list.
public final class ModelCatalogue: Sendable {
    /// Reads what a header says.
    public typealias Reader = @Sendable (_ path: String) throws -> ModelFacts

    /// The time between two searches at least, however often somebody asks.
    public static let restInterval = Duration.seconds(1)

    private let tree: any FolderTree
    private let reader: Reader
    private let now: @Sendable () -> Duration
    private let state: Mutex<State>

    private struct State {
        var stores: [ModelStore]
        var overrides: [(name: String, overrides: ModelOverrides)]
        var headers: [[GGUFFileIdentity]: Result<ModelFacts, any Error>] = [:]
        var listing: CatalogueListing?
        var searched: Duration?
        /// What the listing was made of.
        var stamps: [String: FolderItem?] = [:]
        /// Counts updates, so that a search begun before one does not undo it.
        var version = 0
    }

    /// Creates a catalogue; nothing is searched before somebody asks.
    ///
    /// - Parameters:
    ///   - stores: Where to search; of a file in two of them the first counts.
    ///   - overrides: What a person set for single models, by any of their names.
    ///   - tree: Where the folders are.
    ///   - clock: What the time between searches is read from.
    ///   - reader: Reads what a header says.
    public init(
        stores: [ModelStore],
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        tree: any FolderTree = DiskFolders(),
        clock: any Clock<Duration> = ContinuousClock(),
        reader: @escaping Reader = { try ModelFacts(GGUFFile(path: $0)) }
    ) {
        self.tree = tree
        self.reader = reader
        now = Self.reading(clock)
        state = Mutex(State(stores: stores, overrides: overrides))
    }

    private static func reading<C: Clock>(_ clock: C) -> @Sendable () -> Duration
    where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// The models as they are now, searched for again unless that was done just before.
    public func listing() -> CatalogueListing {
        let recent = state.withLock { state -> CatalogueListing? in
            guard let searched = state.searched, now() - searched < Self.restInterval else {
                return nil
            }
            return state.listing
        }
        return recent ?? search()
    }

    /// The model called `name`; where it is unknown, the folders are searched again.
    ///
    /// - Throws: ``CatalogueError``, as ``CatalogueListing/entry(named:)``.
    public func entry(named name: String) throws(CatalogueError) -> CatalogueEntry {
        let known = state.withLock { $0.listing }
        if let entry = known.flatMap({ listing in try? listing.entry(named: name) }),
            tree.item(at: entry.path) != nil
        {
            return entry
        }
        return try listing().entry(named: name)
    }

    /// The model in one role, or in the role it is for.
    ///
    /// - Throws: ``CatalogueError``, also where the model cannot play the role.
    public func model(
        named name: String,
        role: ModelRole? = nil
    ) throws(CatalogueError) -> ModelID {
        try entry(named: name).model(role)
    }

    /// What was found at `path` when the folders were last searched.
    public func entry(at path: String) -> CatalogueEntry? {
        let listing = state.withLock { $0.listing } ?? search()
        return listing.entries.first { $0.path == path }
    }

    /// Replaces stores and overrides, and searches.
    ///
    /// - Returns: The models as they are then.
    @discardableResult
    public func update(
        stores: [ModelStore],
        overrides: [(name: String, overrides: ModelOverrides)]
    ) -> CatalogueListing {
        state.withLock { state in
            state.stores = stores
            state.overrides = overrides
            state.searched = nil
            state.stamps = [:]
            state.version += 1
        }
        return search()
    }

    /// Searches the stores, without the lock; of two searches at once the later ends up in place.
    private func search() -> CatalogueListing {
        let started = now()
        let (before, version) = state.withLock { ($0, $0.version) }
        if let listing = before.listing, !before.stamps.isEmpty,
            RecordedTree.isUnchanged(before.stamps, in: tree)
        {
            state.withLock { if $0.version == version { $0.searched = started } }
            return listing
        }
        let recorded = RecordedTree(tree)
        let scan = StoreScan(before.stores, in: recorded)
        var headers: [[GGUFFileIdentity]: Result<ModelFacts, any Error>] = [:]
        var isComplete = true
        let files = scan.files.map { file in
            let header = before.headers[file.identities] ?? Result { try reader(file.path) }
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
            overrides: before.overrides,
            stores: before.stores
        )
        let stamps = isComplete ? recorded.stamps : [:]
        state.withLock { state in
            guard state.version == version, (state.searched ?? .zero) <= started else { return }
            state.headers = headers
            state.listing = listing
            state.searched = started
            state.stamps = stamps
        }
        return listing
    }
}

extension ModelCatalogue {
    /// Whether reading a file again, unchanged, would give the same.
    private static func isLasting(_ header: Result<ModelFacts, any Error>) -> Bool {
        guard case .failure(let error) = header else { return true }
        // Permissions can change without the file changing.
        let passing: [GGUFError.Code] = [.unreadable, .fileChanged, .notAFile, .missingShard]
        return !passing.contains { $0 ~= error }
    }

    /// Creates a catalogue of folders; nothing is searched before somebody asks.
    ///
    /// - Parameters:
    ///   - folders: Folders to search with all below them, or single GGUF files.
    ///   - overrides: What a person set for single models, by any of their names.
    ///   - tree: Where the folders are.
    ///   - clock: What the time between searches is read from.
    ///   - reader: Reads what a header says.
    public convenience init(
        folders: [String],
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        tree: any FolderTree = DiskFolders(),
        clock: any Clock<Duration> = ContinuousClock(),
        reader: @escaping Reader = { try ModelFacts(GGUFFile(path: $0)) }
    ) {
        self.init(
            stores: folders.map { ModelStore(.folder, at: $0) },
            overrides: overrides,
            tree: tree,
            clock: clock,
            reader: reader
        )
    }
}
