internal import CorralCache

/// The models that were found at one moment, and the names they answer to.
package struct CatalogueListing: Hashable, Sendable {
    /// The models, by name.
    package let entries: [CatalogueEntry]

    /// The files and folders that give no model, by path.
    package let unusable: [UnusableFile]

    /// The names in the overrides that no model answers to.
    package let unmatchedOverrides: [String]

    /// The stores that were searched.
    package let stores: [ModelStore]

    /// The folders of one's own that were searched.
    package var folders: [String] { stores.filter { $0.kind == .folder }.map(\.path) }

    /// Positions in ``entries`` by name, in lower case.
    private let byName: [String: [Int]]

    /// Positions in ``entries`` by path.
    private let byPath: [String: Int]

    /// Makes a listing of models whose names are assigned.
    ///
    /// - Parameters:
    ///   - entries: The models, without overrides.
    ///   - unusable: The files and folders that give no model.
    ///   - overrides: What a person set, by any name of a model; of two that mean the same
    ///     model the later counts.
    ///   - stores: Where was searched.
    init(
        entries: [CatalogueEntry],
        unusable: [UnusableFile] = [],
        overrides: [(name: String, overrides: ModelOverrides)] = [],
        stores: [ModelStore] = []
    ) {
        var entries = entries.sorted { ($0.name, $0.path) < ($1.name, $1.path) }
        let byName = Self.index(entries)
        var unmatched: [String] = []
        for (name, overrides) in overrides {
            guard let positions = byName[Self.spelled(name)], positions.count == 1 else {
                unmatched.append(name)
                continue
            }
            let position = positions[0]
            entries[position].overrides = entries[position].overrides.overridden(by: overrides)
        }
        self.entries = entries
        self.unusable = unusable.sorted { $0.path < $1.path }
        self.stores = stores
        unmatchedOverrides = unmatched
        self.byName = byName
        let paths = entries.enumerated().map { ($0.element.path, $0.offset) }
        byPath = Dictionary(paths) { first, _ in first }
    }

    /// The model whose file, or first part, is at `path`.
    package func entry(at path: String) -> CatalogueEntry? { byPath[path].map { entries[$0] } }

    /// The model called `name`: its name, an alias, or its path.
    ///
    /// - Throws: ``CatalogueError/Code/unknownModel`` with the nearest names,
    ///   ``CatalogueError/Code/ambiguousName`` with the possible ones,
    ///   ``CatalogueError/Code/unusableFile``.
    package func entry(named name: String) throws(CatalogueError) -> CatalogueEntry {
        let positions = byName[Self.spelled(name)] ?? []
        if positions.count == 1 { return entries[positions[0]] }
        guard positions.isEmpty else {
            let names = positions.map { entries[$0].name }
            throw CatalogueError(
                .ambiguousName,
                subject: name,
                suggestions: names,
                "“\(name)” may be \(Self.alternatives(names)); name one of them."
            )
        }
        if let file = unusable.first(where: { $0.path == name }) {
            throw CatalogueError(.unusableFile, subject: name, file.reason)
        }
        let nearest = NearestNames.nearest(to: Self.spelled(name), among: entries.map(\.name))
        throw CatalogueError(
            .unknownModel,
            subject: name,
            suggestions: nearest,
            sentence(unknown: name, nearest)
        )
    }

    /// The models that answer to a name, maybe several.
    package func holders(of name: String) -> [CatalogueEntry] {
        (byName[Self.spelled(name)] ?? []).map { entries[$0] }
    }

    private func sentence(unknown name: String, _ nearest: [String]) -> String {
        guard !entries.isEmpty else {
            return
                "No model is called “\(name)”: there are none; put GGUF files into a folder that is searched."
        }
        guard nearest.isEmpty else {
            return "No model is called “\(name)”; did you mean \(Self.alternatives(nearest))?"
        }
        let few = entries.prefix(5).map(\.name)
        let more = entries.count > few.count ? " and \(entries.count - few.count) more" : ""
        return "No model is called “\(name)”; there is \(few.joined(separator: ", "))\(more)."
    }

    /// A name as it is looked up: clients write it in any case, with `:latest` or `.gguf` behind it.
    package static func spelled(_ name: String) -> String {
        var name = name.lowercased()
        if name.hasSuffix(":latest") { name.removeLast(7) }
        if name.hasSuffix(".gguf") { name.removeLast(5) }
        return name
    }

    private static func index(_ entries: [CatalogueEntry]) -> [String: [Int]] {
        var result: [String: [Int]] = [:]
        for (position, entry) in entries.enumerated() { result[spelled(entry.name)] = [position] }
        var others: [String: [Int]] = [:]
        for (position, entry) in entries.enumerated() {
            let paths = [entry.path] + entry.places.map(\.path)
            for alias in Set((entry.aliases + paths).map(spelled)) {
                others[alias, default: []].append(position)
            }
        }
        // A name goes before another model's alias.
        return others.merging(result) { _, name in name }
    }

    private static func alternatives(_ names: [String]) -> String {
        guard names.count > 1, let last = names.last else { return names.first ?? "" }
        return "\(names.dropLast().joined(separator: ", ")) or \(last)"
    }
}
