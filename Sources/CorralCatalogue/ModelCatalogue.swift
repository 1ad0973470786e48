public import CorralCache
public import CorralGGUF
internal import Synchronization

/// Knows the models in some folders and what people call them.
///
/// A file's header is read once and remembered for as long as the file is the same, so that
/// looking again costs a few system calls a file. New files appear when somebody asks for a
/// name that is unknown, or for the list.
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
        var folders: [String]
        var overrides: [(name: String, overrides: ModelOverrides)]
        var headers: [[GGUFFileIdentity]: ModelFacts] = [:]
        var listing: CatalogueListing?
        var searched: Duration?
    }

    /// Creates a catalogue; nothing is searched before somebody asks.
    ///
    /// - Parameters:
    ///   - folders: Folders to search with all below them, or single GGUF files; of a file in
    ///     two of them the first counts.
    ///   - overrides: What a person set for single models, by any of their names.
    ///   - tree: Where the folders are.
    ///   - clock: What the time between searches is read from.
    ///   - reader: Reads what a header says.
    public init(
        folders: [String],
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        tree: any FolderTree = DiskFolders(),
        clock: any Clock<Duration> = ContinuousClock(),
        reader: @escaping Reader = { try ModelFacts(GGUFFile(path: $0)) }
    ) {
        self.tree = tree
        self.reader = reader
        now = Self.reading(clock)
        state = Mutex(State(folders: folders, overrides: overrides))
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

    /// Replaces folders and overrides, and searches.
    public func update(
        folders: [String],
        overrides: [(name: String, overrides: ModelOverrides)]
    ) {
        state.withLock { state in
            state.folders = folders
            state.overrides = overrides
            state.searched = nil
        }
        _ = search()
    }

    /// Searches the folders, without the lock; of two searches at once the later ends up in place.
    private func search() -> CatalogueListing {
        let started = now()
        let (folders, overrides, known) = state.withLock {
            ($0.folders, $0.overrides, $0.headers)
        }
        let scan = FolderScan(folders, in: tree)
        var headers: [[GGUFFileIdentity]: ModelFacts] = [:]
        let files = scan.files.map { file in
            // A failure is not remembered: permissions can change without the file changing.
            let header = Result { try known[file.identities] ?? reader(file.path) }
            if case .success(let facts) = header { headers[file.identities] = facts }
            return (file, header)
        }
        let listing = CatalogueListing(
            files: files,
            problems: scan.problems,
            overrides: overrides,
            folders: folders
        )
        state.withLock { state in
            guard state.folders == folders, (state.searched ?? .zero) <= started else { return }
            state.headers = headers
            state.listing = listing
            state.searched = started
        }
        return listing
    }
}
